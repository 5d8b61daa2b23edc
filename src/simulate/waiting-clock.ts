/**
 * A demo's data time. It runs faster than real time and waits: half an interval after a tick it stops until that tick is decided.
 * So a busy machine slows the story down, and no tick passes unpolled.
 *
 * The simulator must stand still at the same moment, so both processes read the time from the same `ClockLeg`.
 */
import { z } from "zod";
import type { Clock, Clocks } from "../model/clock.ts";
import { lastTick } from "../model/tick.ts";

/** Data time stood at `dataStart` at the real time `realStart`, runs from there, and does not pass `until` (ms; null: no end). */
export const ClockLeg = z.object({ realStart: z.number(), dataStart: z.number(), until: z.number().nullable() });
export type ClockLeg = z.infer<typeof ClockLeg>;

/** Part of an interval that may pass after a tick before it is decided: the rest is left until the next tick begins. */
const UNDECIDED_PART = 0.5;
/** A tick that is not decided by then never will be (no detector, a Redis that is away): the story goes on without it. */
const LONGEST_WAIT_MS = 20_000;

/** Data time of a leg, ms. @param speed data seconds per real second */
export function timeOf(leg: ClockLeg, speed: number, realNow: number): number {
  const free = leg.dataStart + (realNow - leg.realStart) * speed;
  return leg.until === null ? free : Math.min(free, leg.until);
}

export interface WaitingClock {
  readonly clocks: Clocks;
  /** A tick was decided: time may go on to half an interval after the next one. */
  decided(tick: number): void;
  /** To be called now and then: ends a wait that has become too long. */
  look(): void;
}

/**
 * @param options.leg where the story stands; its `until` is not used, the current tick counts as decided
 * @param deps.tell called with every new leg, the first one at once
 */
export function makeWaitingClock(
  options: { readonly leg: ClockLeg; readonly speed: number; readonly intervalMs: number },
  deps: { readonly real: Clock; readonly tell: (leg: ClockLeg) => void },
): WaitingClock {
  const { speed, intervalMs } = options;
  const { real, tell } = deps;
  const free: ClockLeg = { ...options.leg, until: null };
  const current = Math.max(
    lastTick(options.leg.dataStart, intervalMs),
    lastTick(timeOf(options.leg, speed, real.now()), intervalMs),
  );
  let leg: ClockLeg = { ...free, until: endAfter(current) };
  tell(leg);

  function endAfter(tick: number): number {
    return tick + (1 + UNDECIDED_PART) * intervalMs;
  }

  function allowUntil(until: number): void {
    if (leg.until !== null && until <= leg.until) return;
    const now = real.now();
    const stood = leg.until !== null && timeOf(leg, speed, now) === leg.until;
    leg = stood ? { realStart: now, dataStart: leg.until ?? 0, until } : { ...leg, until };
    tell(leg);
  }

  return {
    clocks: { real, data: { now: () => timeOf(leg, speed, real.now()) }, speed, waits: true },
    decided: (tick) => allowUntil(endAfter(tick)),
    look() {
      if (leg.until === null) return;
      const overMs = real.now() - (leg.realStart + (leg.until - leg.dataStart) / speed);
      if (overMs > LONGEST_WAIT_MS) allowUntil(endAfter(lastTick(leg.until, intervalMs)));
    },
  };
}
