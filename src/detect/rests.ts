/**
 * The rest that a pool's regional figures leave of its total. The total is their sum plus this rest. The rest is a row of its own,
 * with the weights that the regional rows leave, so that every row adds its own evidence and none is counted twice.
 */

import type { RateSample } from "../model/sample.ts";
import { HOUR_MS } from "../model/time-units.ts";
import { floatAt, itemAt } from "./model/elements.ts";
import type { PoolRest } from "./model/pool-rest.ts";
import { REST } from "./model/score-model.ts";
import { type Compiled, type Layout, windowsOf } from "./network-model.ts";
import { ALONE, admit, emptyGateRow, type Surroundings } from "./quality/gate.ts";
import { isWarm } from "./quality/warm-up.ts";
import { type DetectorState, knownRegionFalls } from "./state/state.ts";

/** A regional figure that was silent for longer than this is no longer subtracted from its pool's total, ms. */
const SILENT_MS = 6 * HOUR_MS;
/** A rest under this part of its total is not used: the noise of both figures hides it. */
const LEAST = 0.03;
/** How often shares are checked, ms, and the relative error at which they are replaced. */
const LOOK_MS = HOUR_MS;
const SHARE_MOVED = 0.15;
/**
 * Two averaging windows count as equal within this factor. Figures that follow at different speeds have no meaningful
 * difference.
 */
const WINDOWS_ALIKE = 1.5;

/** Indices of the regional rows that are in use. */
function speaking(state: DetectorState, { regional }: PoolRest, at: number): number[] {
  return regional.filter((row) => {
    const { acceptedAt } = itemAt(state.gate, row);
    return acceptedAt > 0 && at - acceptedAt <= SILENT_MS;
  });
}

/**
 * A missing or quarantined figure is replaced by its last share of the total for at most the first, ms, if that share is at
 * most the second.
 */
const STANDS_IN_MS = HOUR_MS;
const STANDS_IN_MOST = 0.03;

/** A regional row's figure, H/s; while it has none, its last share of the pool's total. NaN where neither is known. */
function figureOf(state: DetectorState, figures: Float64Array, row: number, total: number, at: number): number {
  const said = floatAt(figures, row);
  if (!Number.isNaN(said)) return said;
  const { recent, recentAt } = state;
  if (at - Math.min(floatAt(recentAt, row), floatAt(recentAt, total)) > STANDS_IN_MS) return Number.NaN;
  const part = floatAt(recent, row) / floatAt(recent, total);
  return part <= STANDS_IN_MOST ? part * floatAt(figures, total) : Number.NaN;
}

/** Gate state of a rest: its parts have passed the gate, so the rest itself is not checked. */
const JUDGED: Surroundings = { ...ALONE, agreed: true };

/**
 * Computes the rests of a tick from figures that have passed the gate, in place. Returns the rows that restart, because the set of
 * regional figures that is subtracted has changed.
 *
 * @param figures H/s per row, NaN where missing
 */
export function takeRests(
  { rests }: Layout,
  state: DetectorState,
  at: number,
  intervalMs: number,
  figures: Float64Array,
): number[] {
  const renewed: number[] = [];
  for (const one of rests) {
    const { pool, total, rest, regional } = one;
    const rows = speaking(state, one, at);
    const regions = rows.flatMap((row) => itemAt(state.rows, row).region ?? []);
    const before = state.rests[pool] ?? [];
    if (regions.length !== before.length || regions.some((region, k) => region !== before[k])) {
      state.rests[pool] = regions;
      for (const row of [rest, ...regional]) state.parts[row] = 0;
      state.gate[rest] = emptyGateRow();
      renewed.push(rest);
    }
    const whole = floatAt(figures, total);
    const left = rows.reduce((sum, row) => sum - figureOf(state, figures, row, total, at), whole);
    if (rows.length === 0 || !(left > 0)) continue;
    const { source } = itemAt(state.gate, total);
    const sample: RateSample = { kind: "rate", at, pool, region: REST, hashrate: left, source };
    const { firstAt } = itemAt(state.gate, rest);
    figures[rest] = admit(itemAt(state.gate, rest), sample, at, intervalMs, JUDGED);
    if (firstAt > 0 && itemAt(state.gate, rest).firstAt === at) renewed.push(rest);
  }
  return renewed;
}

/** Whether the subtracted figures have the same averaging window as the total, as far as windows are known. */
function followAlike(compiled: Compiled, state: DetectorState, { total }: PoolRest, rows: readonly number[]): boolean {
  const windows = windowsOf(compiled.pools, state.rows, state.windows);
  const whole = windows[total];
  return rows.every((row) => {
    const own = windows[row];
    return own === undefined || whole === undefined || Math.max(own / whole, whole / own) <= WINDOWS_ALIKE;
  });
}

/** Learns the shares of the pools' totals, hourly while no fall is being evaluated. In place. */
export function learnParts(compiled: Compiled, { rests }: Layout, state: DetectorState): void {
  const { at, gate, parts, fast } = state;
  if (rests.length === 0 || at % LOOK_MS !== 0) return;
  if (state.networkFalls.length > 0 || knownRegionFalls(state).some((fall) => !fall.settled)) return;
  for (const one of rests) {
    const whole = floatAt(fast.reference, one.total);
    const rows = speaking(state, one, at);
    const shareOf = (row: number): number =>
      isWarm(itemAt(gate, row), at) && whole > 0 ? Math.min(1, floatAt(fast.reference, row) / whole) : 0;
    const left = rows.reduce((sum, row) => sum - shareOf(row), 1);
    const known = isWarm(itemAt(gate, one.rest), at) && rows.every((row) => isWarm(itemAt(gate, row), at));
    const rest = known && left >= LEAST && followAlike(compiled, state, one, rows) ? left : 0;
    for (const [row, share] of [...rows.map((row) => [row, shareOf(row)] as const), [one.rest, rest] as const]) {
      const moved = Math.abs(share - itemAt(parts, row)) > SHARE_MOVED * itemAt(parts, row) || share === 0;
      if (moved) parts[row] = Number(share.toPrecision(3));
    }
  }
}
