/** When to poll: a cron expression in UTC, and the delay after its second for the ticks of a scaled clock. */

import type { Clocks } from "../model/clock.ts";
import { HashfallError } from "../model/errors.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../model/time-units.ts";

/** A scaled tick is polled this long after its boundary, ms: timers are a few milliseconds early or late. */
const SETTLE_MS = 100;

export interface Schedule {
  /** Six fields, seconds first. */
  readonly cron: string;
  /** Wait after each firing, ms: 0 unless a demo's ticks begin between seconds. */
  delayMs(): number;
}

/**
 * The schedule of a tick interval. In life ticks are multiples of the interval in UTC, and so are the firings; in a demo
 * every second is looked at.
 *
 * @throws `HashfallError` INTERVAL_UNSCHEDULABLE: no whole number of seconds that divides a minute or of minutes that
 *   divides an hour, or shorter than a second of real time
 */
export function scheduleOf(intervalMs: number, clocks: Clocks): Schedule {
  const realMs = intervalMs / clocks.speed;
  if (realMs < SECOND_MS) {
    throw new HashfallError(
      "INTERVAL_UNSCHEDULABLE",
      `an interval of ${intervalMs / 1000} s at speed ${clocks.speed} passes in ${realMs} ms; allowed is a second or more`,
    );
  }
  if (clocks.speed !== 1) {
    return { cron: "* * * * * *", delayMs: () => untilBoundary(intervalMs, clocks) };
  }
  return { cron: cronOf(intervalMs), delayMs: () => 0 };
}

function cronOf(intervalMs: number): string {
  const seconds = intervalMs / SECOND_MS;
  const minutes = intervalMs / MINUTE_MS;
  if (intervalMs === HOUR_MS) return "0 0 * * * *";
  if (Number.isInteger(minutes) && 60 % minutes === 0) return `0 */${minutes} * * * *`;
  if (Number.isInteger(seconds) && 60 % seconds === 0) return `*/${seconds} * * * * *`;
  throw new HashfallError(
    "INTERVAL_UNSCHEDULABLE",
    `an interval of ${seconds} s is no schedule; allowed are seconds that divide a minute and minutes that divide an hour`,
  );
}

/** Real time until the next tick boundary of data time has settled, when that is within this second; else 0. */
function untilBoundary(intervalMs: number, clocks: Clocks): number {
  const dataLeft = intervalMs - (clocks.data.now() % intervalMs);
  const wait = dataLeft / clocks.speed + SETTLE_MS;
  return wait < SECOND_MS ? wait : 0;
}
