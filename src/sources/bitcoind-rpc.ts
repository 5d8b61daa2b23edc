/** JSON-RPC of bitcoind and similar nodes, in batches: results in the order of the calls, or a failure. */
import { excerpt, SourceFailure } from "./failure.ts";
import { parseJson } from "./parse/json.ts";
import { isObject, own } from "./parse/shape.ts";
import type { Reader } from "./read-source.ts";

export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A block with all its transaction ids is 200 kB, and a batch holds up to fifteen. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Error code of a node that is still loading; it passes by itself. */
const WARMING_UP = -28;

/** Results in order. Throws `SourceFailure`: `semantic` for an RPC error, `format` for what is no JSON-RPC. */
export async function rpcBatch(
  reader: Reader,
  calls: readonly RpcCall[],
  headers: Readonly<Record<string, string>>,
): Promise<{ results: readonly unknown[]; bodySha256: string }> {
  const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call })));
  const document = await reader.ask("/", {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
    maxBytes: MAX_BYTES,
    // Old nodes answer errors with status 500 and explain them in the body.
    explains: [500],
  });
  if (document === null) throw new SourceFailure("format", "not modified, to a POST");
  const answer = parseJson(document.text);
  // A node that is loading answers a whole batch with one error.
  const answers = Array.isArray(answer) ? answer : [answer];
  const results = calls.map((call, id) => {
    const found =
      answers.find((each) => own(each, "id") === id) ?? answers.find((each) => isObject(own(each, "error")));
    const error = own(found, "error");
    if (isObject(error)) {
      const state = own(error, "code") === WARMING_UP ? "is still starting" : "refused";
      throw new SourceFailure("semantic", `the node ${state}: ${call.method}: ${excerpt(own(error, "message"))}`);
    }
    if (found === undefined || own(found, "result") === undefined) {
      throw new SourceFailure("format", `no answer to ${call.method}`);
    }
    return own(found, "result");
  });
  return { results, bodySha256: document.bodySha256 };
}
