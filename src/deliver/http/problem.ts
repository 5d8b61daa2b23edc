/** Errors over HTTP: `application/problem+json` (RFC 9457) with a `code` that programs can rely on. */
import { z } from "zod";
import { cleanText } from "../../model/clean-text.ts";
import { HashfallError } from "../../model/errors.ts";
import { within } from "../within.ts";

export const PROBLEMS = {
  "bad-request": { status: 400, title: "The request is not as documented" },
  "unknown-network": { status: 400, title: "No such network is configured" },
  "unknown-region": { status: 400, title: "No network has this region" },
  "unknown-pool": { status: 400, title: "No network has this pool" },
  "unknown-sender": { status: 400, title: "No such sender of samples is configured" },
  "token-needed": { status: 401, title: "A token is needed" },
  "token-unknown": { status: 401, title: "The token is not known" },
  "signature-invalid": { status: 401, title: "The signature is not the sender's" },
  "timestamp-out-of-range": { status: 401, title: "The signature is too old, or of the future" },
  "scope-missing": { status: 403, title: "The token does not allow this" },
  "writes-refused": { status: 403, title: "Without tokens nobody writes who may come from outside this machine" },
  "origin-not-allowed": { status: 403, title: "Pages of this origin may not write" },
  "not-found": { status: 404, title: "Not found" },
  "not-configured": { status: 404, title: "Not configured" },
  "id-reused": { status: 409, title: "This webhook-id came with another body before" },
  "in-progress": { status: 409, title: "The same message is being taken at this moment" },
  "length-required": { status: 411, title: "Say Content-Length; a body in chunks is not taken" },
  "too-large": { status: 413, title: "The body is too large" },
  "too-many-rows": { status: 413, title: "The body has too many rows" },
  "unsupported-media-type": { status: 415, title: "The body is in a form that is not taken" },
  "host-not-allowed": { status: 421, title: "This Host is not answered" },
  "upgrade-required": { status: 426, title: "Only a WebSocket is here" },
  "rate-limited": { status: 429, title: "Too many messages" },
  "too-busy": { status: 503, title: "Too many questions of this kind at once" },
  internal: { status: 500, title: "Something went wrong on our side" },
  "store-unavailable": { status: 503, title: "The store does not answer" },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

export const Problem = z
  .object({
    type: z.literal("about:blank"),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]).describe("stable"),
    detail: z.string().optional(),
  })
  .meta({ id: "Problem" });

/** Thrown anywhere below a route; becomes the answer. */
export class ProblemError extends Error {
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail?: string) {
    super(detail ?? PROBLEMS[code].title);
    this.code = code;
  }
}

/** Answers to who signs, not to who has a token. */
const SIGNED: ReadonlySet<ProblemCode> = new Set(["signature-invalid", "timestamp-out-of-range"]);
/** What the same request does not meet again in a moment. */
const PASSES: ReadonlySet<ProblemCode> = new Set(["store-unavailable", "rate-limited", "too-busy", "in-progress"]);

/** @param detail what was wrong with this request, one line */
export function problemResponse(code: ProblemCode, detail?: string): Response {
  const { status, title } = PROBLEMS[code];
  const body: z.infer<typeof Problem> = { type: "about:blank", title, status, code };
  const headers: Record<string, string> = { "content-type": "application/problem+json", "cache-control": "no-store" };
  if (status === 401)
    headers["www-authenticate"] = `${SIGNED.has(code) ? "StandardWebhooks" : "Bearer"} realm="hashfall"`;
  if (PASSES.has(code)) headers["retry-after"] = "2";
  if (status === 426) Object.assign(headers, { upgrade: "websocket", connection: "upgrade" });
  const said = detail === undefined ? body : { ...body, detail: cleanText(detail) };
  return new Response(JSON.stringify(said), { status, headers });
}

const ANSWER_MS = 4000;

/**
 * Asks the store, and says so in one way when it cannot answer: unless it names a mistake, the request was not at fault.
 *
 * @param answer a promise, or work that ends with its signal: at the deadline, or when the client is gone
 * @param client fires when nobody waits for the answer any more
 */
export async function ask<T>(
  answer: Promise<T> | ((signal: AbortSignal) => Promise<T>),
  client?: AbortSignal,
): Promise<T> {
  try {
    return await within(ANSWER_MS, typeof answer === "function" ? answer : () => answer, client);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (!(error instanceof HashfallError))
      throw new ProblemError("store-unavailable", "Redis did not take the command; /readyz says how it is");
    if (error.kind === "mistake") throw new ProblemError("bad-request", error.message);
    throw new ProblemError("store-unavailable", error.message);
  }
}
