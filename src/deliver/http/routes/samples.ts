/** `POST /api/v1/samples`: an operator's own rows, signed. */

import type { Logger } from "pino";
import { z } from "zod";
import type { NetworkConfig, PushSender } from "../../../config/resolve/resolved.ts";
import type { Metrics } from "../../../metrics/metrics.ts";
import type { Clocks } from "../../../model/clock.ts";
import { messageOf } from "../../../model/errors.ts";
import type { PushDeps } from "../../contract.ts";
import { PushAnswer } from "../../push/contract.ts";
import { linesOf, MAX_ROWS, readRows } from "../../push/read-rows.ts";
import { isSignedBy, readHeaders, type SignedHeaders, TOLERANCE_MS } from "../../push/signature.ts";
import { storeRows } from "../../push/store-rows.ts";
import { RateLimit } from "../../ws/rate-limit.ts";
import { type Api, answers, makeApi, NOT_FOUND_ANSWER, PROBLEM_ANSWERS } from "../api.ts";
import { ask, Problem, ProblemError } from "../problem.ts";

export interface SampleRouteDeps {
  readonly networks: () => readonly NetworkConfig[];
  readonly push: PushDeps | undefined;
  readonly clocks: Clocks;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export const PUSH_PATH = "/samples";
export const MAX_PUSH_BYTES = 256 * 1024;

/** One message an interval is all that anybody needs; a sender that catches up, or has a message for each pool, fits too. */
const RATE = { burst: 30, perSecond: 0.5 };

const FORMATS: Readonly<Record<string, "ndjson" | "json">> = {
  "application/json": "json",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
};

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: Problem } },
});

/** Read by hand, and so described by hand: no byte of the body may be looked at before its signature. */
function describe(api: Api): void {
  const row = z.object({
    at: z.iso.datetime({ offset: true }),
    pool: z.string(),
    hashrate: z.number().min(0).optional().describe("H/s; of a region's row, that region's part"),
    region: z.string().optional(),
    height: z.number().int().min(0).optional(),
    difficulty: z.number().positive().optional(),
    basis: z.string().optional().describe("default: server-location with a region, else pool-reported"),
    windowSeconds: z.number().positive().optional(),
    observedAt: z.iso.datetime({ offset: true }).optional(),
  });
  api.openAPIRegistry.registerPath({
    method: "post",
    path: PUSH_PATH,
    summary: "Send samples of your own, signed as Standard Webhooks",
    description:
      `At most ${MAX_PUSH_BYTES} bytes and ${MAX_ROWS} rows, of times within two intervals of now. The same webhook-id is ` +
      "taken once; the same message again gets the same answer with status 200.",
    security: [{ signature: [] }],
    request: {
      query: z.object({ sender: z.string().optional().describe("who sends; may be absent where there is one") }),
      headers: z.object({
        "webhook-id": z.string().describe("unique for each message; the same when it is sent again"),
        "webhook-timestamp": z
          .string()
          .describe(`seconds since 1970, real time, at most ${TOLERANCE_MS / 60_000} min away`),
        "webhook-signature": z.string().describe("v1,BASE64 of HMAC-SHA256 over ID.TIMESTAMP.BODY"),
      }),
      body: {
        required: true,
        content: {
          "application/json": { schema: z.object({ samples: z.array(row).max(MAX_ROWS) }) },
          "application/x-ndjson": { schema: z.string().describe("one row a line") },
        },
      },
    },
    responses: {
      ...PROBLEM_ANSWERS,
      ...NOT_FOUND_ANSWER,
      200: answers("This message was taken before, and this was answered", PushAnswer),
      202: answers("What became of the rows", PushAnswer),
      401: problem("The signature is missing, wrong, or of another time"),
      409: problem("The id was used for another body, or is being taken at this moment"),
      411: problem("A body in chunks"),
      413: problem("Too many bytes or rows"),
      415: problem("Neither JSON nor NDJSON, or encoded"),
      429: problem("Too many messages of this sender"),
    },
  });
}

export function sampleRoutes({ networks, push, clocks, metrics, logger }: SampleRouteDeps): Api {
  const api = makeApi();
  describe(api);
  // A reload brings new senders, and forgets what the old ones have used up.
  const limits = new WeakMap<PushSender, RateLimit>();

  function senderOf(name: string | undefined, senders: readonly PushSender[]): PushSender {
    const found = name === undefined && senders.length === 1 ? senders[0] : senders.find((s) => s.name === name);
    if (found !== undefined) return found;
    const why = name === undefined ? "say who sends: ?sender=NAME" : "the name in ?sender= is not configured";
    throw new ProblemError("unknown-sender", why);
  }

  function requireRate(sender: PushSender): void {
    const now = clocks.real.now();
    const limit = limits.get(sender) ?? new RateLimit(RATE, now);
    limits.set(sender, limit);
    if (!limit.take(now)) throw new ProblemError("rate-limited", `at most ${RATE.perSecond * 60} messages a minute`);
  }

  async function take(
    body: Uint8Array,
    format: "ndjson" | "json",
    signed: SignedHeaders,
    { sender, network, deps }: { sender: PushSender; network: NetworkConfig; deps: PushDeps },
  ): Promise<{ answer: PushAnswer; isNew: boolean }> {
    const lines = linesOf(textOf(body), format);
    if (typeof lines === "string") throw new ProblemError("bad-request", lines);
    if (lines.length === 0) throw new ProblemError("bad-request", "the body has no row");
    if (lines.length > MAX_ROWS) throw new ProblemError("too-many-rows", `at most ${MAX_ROWS}`);
    const taken = await ask(deps.ids.take(sender.name, signed.id, body));
    if (taken.state === "done") return { answer: taken.answer, isNew: false };
    if (taken.state === "pending") throw new ProblemError("in-progress");
    if (taken.state === "reused") throw new ProblemError("id-reused");
    try {
      const read = readRows(lines, { sender, intervalMs: network.intervalMs, now: clocks.data.now() });
      const stored = await ask(storeRows(deps.samples, network, read.rows));
      return { answer: { ...stored, refused: [...read.refused] }, isNew: true };
    } catch (error) {
      // What was stored already is known when it comes again.
      await deps.ids.release(sender.name, signed.id).catch(() => undefined);
      throw error;
    }
  }

  api.post(PUSH_PATH, async (c) => {
    const senders = push?.senders() ?? [];
    if (push === undefined || senders.length === 0)
      throw new ProblemError("not-configured", "nobody may send samples: name senders under server.push");
    const sender = senderOf(c.req.query("sender"), senders);
    const network = networks().find(({ name }) => name === sender.network);
    if (network === undefined) throw new ProblemError("unknown-network", `${sender.name} has no network`);
    const format = FORMATS[(c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? ""];
    if (format === undefined || (c.req.header("content-encoding") ?? "identity") !== "identity")
      throw new ProblemError("unsupported-media-type", "send application/json or application/x-ndjson, not encoded");
    const signed = readHeaders((name) => c.req.header(name), clocks.real.now());
    if ("fault" in signed) throw new ProblemError(signed.fault, signed.why);
    const body = new Uint8Array(await c.req.arrayBuffer());
    if (!isSignedBy(sender.secrets, signed, body))
      throw new ProblemError("signature-invalid", `not signed with a secret of ${sender.name}`);
    requireRate(sender);

    const { answer, isNew } = await take(body, format, signed, { sender, network, deps: push });
    if (!isNew) return c.json(answer, 200);
    const { added, duplicates, moved, late, refused } = answer;
    for (const [result, count] of Object.entries({ added, duplicate: duplicates, moved, late }))
      metrics.samples.total.inc({ network: network.name, result }, count);
    if (refused.length > 0)
      logger.warn({ sender: sender.name, rows: refused.length, first: refused[0] }, "pushed rows were refused");
    try {
      await ask(push.ids.finish(sender.name, signed.id, body, answer));
    } catch (error) {
      // The rows are stored; the same message again would only find duplicates.
      logger.warn({ sender: sender.name, why: messageOf(error) }, "the answer to a push could not be kept");
    }
    return c.json(answer, 202);
  });
  return api;
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new ProblemError("bad-request", "the body is not UTF-8");
  }
}
