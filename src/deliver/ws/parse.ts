/** Parses a text frame into a client's message, or into the error that says what is wrong with it. */
import { z } from "zod";
import { type ClientMessage, Ping, Subscribe, Unsubscribe, type WsErrorCode } from "./protocol.ts";

export type Parsed =
  | { readonly ok: true; readonly message: ClientMessage }
  | {
      readonly ok: false;
      /** The message's id when it had a usable one. */
      readonly id?: string | number;
      readonly code: WsErrorCode;
      readonly message: string;
      /** The frame is no JSON: the client uses another protocol. */
      readonly fatal: boolean;
    };

const OPS: Readonly<Record<string, z.ZodType<ClientMessage>>> = {
  subscribe: Subscribe,
  unsubscribe: Unsubscribe,
  ping: Ping,
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Unknown fields are ignored. */
export function parseClientMessage(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, code: "bad-json", message: "every frame is one JSON object", fatal: true };
  }
  if (!isObject(value)) return { ok: false, code: "bad-json", message: "every frame is one JSON object", fatal: true };
  const id = usableId(value.id);
  const schema = typeof value.op === "string" && Object.hasOwn(OPS, value.op) ? OPS[value.op] : undefined;
  if (!schema) {
    const message = "op is one of subscribe, unsubscribe, ping";
    return { ok: false, ...id, code: "unknown-op", message, fatal: false };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const issue = parsed.error.issues[0];
  const message = issue ? `${z.core.toDotPath(issue.path) || "message"}: ${issue.message}` : "not as documented";
  return { ok: false, ...id, code: "bad-request", message, fatal: false };
}

function usableId(id: unknown): { id: string | number } | undefined {
  return (typeof id === "string" && id.length <= 64) || Number.isSafeInteger(id)
    ? { id: id as string | number }
    : undefined;
}
