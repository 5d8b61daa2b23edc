/** Whether an alert's fall is over: its levels are back, and they rose as a region's return makes them rise. */
import type { TickContext } from "./context.ts";
import { sumsBeside } from "./known-falls.ts";
import type { RegionAlert } from "./open-alert.ts";
import type { ScaleView } from "./scale-view.ts";

const HOUR = 3_600_000;
/** Fraction of the fitted fall under which an alert is over, and for how long levels must say so. */
const OVER = 0.4;
const OVER_MS = 15 * 60_000;
/** Nothing is called over sooner than this after its onset: slow ramps and long windows hide how much is still to come. */
const OVER_AFTER_MS = 2 * HOUR;
/** Log-likelihood ratio of a return, at which levels are believed: one in twenty that a fall still there looks gone. */
const RETURNED = 3;
/** No row says more than this for or against a return: pools have outages while a region is down. */
const ROW_BOUND = 2.5;
/** A return too slow for the filters is believed after the levels have shown it for so long. */
const SLOW_RETURN_MS = 6 * HOUR;
/** Parts of the fall that may have come back. */
const PARTS = [1, 0.7] as const;

/**
 * Log-likelihood ratio, largest over onset, ramp and part, of "the fall came back" against "it is still there": the rows'
 * innovations against minus the alert's own fall. Levels wander by a small fall within a day, and daily curtailment does;
 * innovations do not.
 */
function returnRatio(context: TickContext, fast: ScaleView, alert: RegionAlert): number {
  const { layout } = context;
  const sums = sumsBeside(context, fast, { from: alert.onset + 1 });
  const rows = layout.rows.length;
  let best = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < sums.slots; s++) {
    if (fast.state.slotAt[s]! <= alert.onset) continue;
    for (let ramp = 0; ramp < sums.ramps; ramp++) {
      const offset = (s * sums.ramps + ramp) * rows;
      for (const part of PARTS) {
        let log = 0;
        for (let i = 0; i < rows; i++) {
          const fall = alert.fallHashrate[i] ?? 0;
          if (!(fall > 0) || !layout.score.counted[i]) continue;
          const rise = (-part * fall) / fast.state.reference[i]!;
          const one = rise * sums.a[offset + i]! - (rise * rise * sums.b[offset + i]!) / 2;
          log += Math.max(-ROW_BOUND, Math.min(ROW_BOUND, one));
        }
        best = Math.max(best, log);
      }
    }
  }
  return best;
}

/** One tick; true when the alert is over. */
export function isOver(context: TickContext, fast: ScaleView, alert: RegionAlert): boolean {
  const over = alert.remaining < OVER * Math.max(alert.peak, 0.6);
  alert.ending = over ? alert.ending + 1 : 0;
  const lasted = alert.ending * context.compiled.intervalMs;
  if (lasted < OVER_MS || context.at - alert.onset < OVER_AFTER_MS) return false;
  return lasted >= SLOW_RETURN_MS || returnRatio(context, fast, alert) >= RETURNED;
}
