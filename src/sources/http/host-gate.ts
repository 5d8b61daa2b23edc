/** One gate per host: one request at a time, a distance between requests, a budget per 24 hours, and pauses it asked for. */
import type { Clock } from "../../model/clock.ts";
import type { HostLimits } from "./contract.ts";
import type { Sleep } from "./sleep.ts";

const HOUR_MS = 3_600_000;

export type Entry =
  | { readonly kind: "entered"; readonly leave: () => void }
  | { readonly kind: "refused"; readonly retryAfterMs: number; readonly why: string }
  | { readonly kind: "aborted" };

export class HostGate {
  private readonly clock: Clock;
  private readonly sleep: Sleep;
  private spacingMs = 0;
  private dailyBudget = Number.POSITIVE_INFINITY;
  private nextAt = 0;
  private heldUntil = 0;
  private tail: Promise<void> = Promise.resolve();
  /** Requests by hour of data time: bounded memory, and a window that errs on the polite side by up to an hour. */
  private readonly hours = new Map<number, number>();

  constructor(deps: { clock: Clock; sleep: Sleep }) {
    this.clock = deps.clock;
    this.sleep = deps.sleep;
  }

  /** The strictest of what the host's sources declare holds for all of them. */
  tighten(limits: HostLimits): void {
    this.spacingMs = Math.max(this.spacingMs, limits.spacingMs);
    this.dailyBudget = Math.min(this.dailyBudget, limits.dailyBudget ?? Number.POSITIVE_INFINITY);
  }

  /** The host asked for a pause: nobody enters before it is over. */
  hold(forMs: number): void {
    this.heldUntil = Math.max(this.heldUntil, this.clock.now() + forMs);
  }

  /** Waits for its turn; refuses at once when the host is on pause or the budget is spent. Call `leave` when done. */
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
    this.count();
    this.nextAt = this.clock.now() + this.spacingMs;
    return { kind: "entered", leave };
  }

  private refusal(): Entry | null {
    const now = this.clock.now();
    if (now < this.heldUntil) {
      return { kind: "refused", retryAfterMs: this.heldUntil - now, why: "it asked us to wait" };
    }
    if (this.spentInDay(now) >= this.dailyBudget) {
      return { kind: "refused", retryAfterMs: HOUR_MS, why: `our budget of ${this.dailyBudget} a day is spent` };
    }
    return null;
  }

  private spentInDay(now: number): number {
    const oldest = Math.floor(now / HOUR_MS) - 24;
    let spent = 0;
    for (const [hour, count] of this.hours) {
      if (hour < oldest) this.hours.delete(hour);
      else spent += count;
    }
    return spent;
  }

  private count(): void {
    const hour = Math.floor(this.clock.now() / HOUR_MS);
    this.hours.set(hour, (this.hours.get(hour) ?? 0) + 1);
  }
}
