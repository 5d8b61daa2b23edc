/** One gate per host: one request at a time, a least time between requests, and the pauses that the host asked for. */
import type { Clock } from "../../model/clock.ts";
import type { Sleep } from "./sleep.ts";

export type Entry =
  | { readonly kind: "entered"; readonly leave: () => void }
  | { readonly kind: "refused"; readonly retryAfterMs: number; readonly why: string }
  | { readonly kind: "aborted" };

export class HostGate {
  private readonly clock: Clock;
  private readonly sleep: Sleep;
  private spacingMs = 0;
  private nextAt = 0;
  private heldUntil = 0;
  private tail: Promise<void> = Promise.resolve();

  constructor(deps: { clock: Clock; sleep: Sleep }) {
    this.clock = deps.clock;
    this.sleep = deps.sleep;
  }

  /** The longest of the times that the host's sources declare applies to all of them. */
  tighten(spacingMs: number): void {
    this.spacingMs = Math.max(this.spacingMs, spacingMs);
  }

  /** The host asked for a pause: no request is sent before it is over. */
  hold(forMs: number): void {
    this.heldUntil = Math.max(this.heldUntil, this.clock.now() + forMs);
  }

  /** Waits for its turn; refuses at once when the host is on pause. Call `leave` when done. */
  async enter(signal: AbortSignal): Promise<Entry> {
    const turn = this.tail;
    let leave: () => void = () => {};
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.tail = turn.then(() => mine);
    await turn;
    const refusal = this.refusal();
    if (refusal || signal.aborted) {
      leave();
      return refusal ?? { kind: "aborted" };
    }
    const waitMs = this.nextAt - this.clock.now();
    if (waitMs > 0 && !(await this.sleep(waitMs, signal))) {
      leave();
      return { kind: "aborted" };
    }
    this.nextAt = this.clock.now() + this.spacingMs;
    return { kind: "entered", leave };
  }

  private refusal(): Entry | null {
    const now = this.clock.now();
    if (now < this.heldUntil) {
      return { kind: "refused", retryAfterMs: this.heldUntil - now, why: "it asked us to wait" };
    }
    return null;
  }
}
