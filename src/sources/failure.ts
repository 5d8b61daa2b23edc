/** An error while an adapter reads: thrown by parsers, turned into an outcome in one place (`read-source.ts`). */
import type { ErrorClass } from "./contract.ts";

export class SourceFailure extends Error {
  readonly errorClass: ErrorClass;
  readonly httpStatus: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly banRisk: boolean;
  /** What to do about it, where more is known than the class tells. */
  readonly advice: string | undefined;

  /** @param detail one line: what was found, and what was expected */
  constructor(
    errorClass: ErrorClass,
    detail: string,
    more: {
      advice?: string | undefined;
      httpStatus?: number | undefined;
      retryAfterMs?: number | undefined;
      banRisk?: boolean | undefined;
    } = {},
  ) {
    super(detail);
    this.name = "SourceFailure";
    this.errorClass = errorClass;
    this.httpStatus = more.httpStatus;
    this.retryAfterMs = more.retryAfterMs;
    this.banRisk = more.banRisk ?? false;
    this.advice = more.advice;
  }
}

/**
 * The beginning of a document, for a detail line. Much longer than a line, because it is cut only after secrets were removed
 * (`redact`): half a secret would not be recognised.
 */
export function excerpt(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.slice(0, 1000);
}
