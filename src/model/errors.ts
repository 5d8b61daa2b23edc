/** Errors that reach a person. Every one has a stable code, and says what was wrong, where, and what is allowed. */

/**
 * What a supervisor may do about an error: `mistake` is the caller's to mend (exit status 1), `temporary` may go away
 * by itself (exit status 75, EX_TEMPFAIL of sysexits.h).
 */
export type ErrorKind = "mistake" | "temporary";

export class HashfallError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;

  /**
   * @param code stable, upper case, like `CONFIG_INVALID`; scripts rely on it
   * @param message what was wrong, where, and what is allowed; one line where possible
   */
  constructor(code: string, message: string, options: { kind?: ErrorKind; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HashfallError";
    this.code = code;
    this.kind = options.kind ?? "mistake";
  }
}

/** The message of anything thrown, for a log line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
