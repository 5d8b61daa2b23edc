/** Errors over HTTP: `application/problem+json` (RFC 9457) with a `code` that programs can rely on. */
import { z } from "zod";
import { HashfallError } from "../../model/errors.ts";
import { within } from "../within.ts";

export const PROBLEMS = {
  "bad-request": { status: 400, title: "The request is not as documented" },
  "unknown-network": { status: 400, title: "No such network is configured" },
  "unknown-sender": { status: 400, title: "No such sender of samples is configured" },
  "token-needed": { status: 401, title: "A token is needed" },
  "token-unknown": { status: 401, title: "The token is not known" },
  "signature-invalid": { status: 401, title: "The signature is not the sender's" },
  "timestamp-out-of-range": { status: 401, title: "The signature is too old, or of the future" },
  "scope-missing": { status: 403, title: "The token does not allow this" },
  "writes-refused": { status: 403, title: "Without tokens a publicly bound server refuses every write" },
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
  "rate-limited": { status: 429, title: "Too many messages" },
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
const PASSES: ReadonlySet<ProblemCode> = new Set(["store-unavailable", "rate-limited", "in-progress"]);

/** @param detail what was wrong with this request, one line */
export function problemResponse(code: ProblemCode, detail?: string): Response {
  const { status, title } = PROBLEMS[code];
  const body: z.infer<typeof Problem> = { type: "about:blank", title, status, code };
  const headers: Record<string, string> = { "content-type": "application/problem+json", "cache-control": "no-store" };
  if (status === 401)
    headers["www-authenticate"] = `${SIGNED.has(code) ? "StandardWebhooks" : "Bearer"} realm="hashfall"`;
  if (PASSES.has(code)) headers["retry-after"] = "2";
  return new Response(JSON.stringify(detail === undefined ? body : { ...body, detail }), { status, headers });
}

const ANSWER_MS = 4000;

/** Asks the store, and says so in one way when it cannot answer: whatever it throws, the request was not at fault. */
export async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await within(ANSWER_MS, answer);
  } catch (error) {
    if (error instanceof HashfallError && error.kind === "mistake")
      throw new ProblemError("bad-request", error.message);
    throw new ProblemError("store-unavailable", error instanceof Error ? error.message : String(error));
  }
}
