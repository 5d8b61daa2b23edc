/** Why a delivery failed, and whether and when it makes sense to try it again. */
import { HashfallError } from "../../model/errors.ts";

/** A delivery that failed; its text holds no secret. */
export class DeliveryError extends HashfallError {
  /** 410: the receiver wants no more messages. */
  readonly isGone: boolean;
  /** The wait that the receiver asked for (Retry-After), ms. */
  readonly waitMs: number | undefined;

  constructor(message: string, options: { isGone?: boolean; waitMs?: number | undefined } = {}) {
    super("WEBHOOK_FAILED", message, { kind: "temporary" });
    this.isGone = options.isGone ?? false;
    this.waitMs = options.waitMs;
  }
}
