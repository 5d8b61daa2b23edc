/**
 * Falls that are already explained, and sufficient statistics without them.
 *
 * A network-wide fall that is under way, or whose onset is still in memory, is such a known fall (a "dip"), whether or not an
 * alert was opened for it: prices and difficulty move all pools for hours. Its effect is subtracted, so that a region that falls
 * during a dip is measured on its own. This applies only to onsets well after the dip's own. At the dip's onset, the dip and
 * every region stay rival explanations.
 */

import { DAY_MS, HOUR_MS } from "../../model/time-units.ts";
import { networkWideFall } from "../hypotheses/network-wide.ts";
import type { Evaluation } from "../search/evaluate.ts";
import type { RegionAlert, RememberedNetworkFall } from "../state/alert-state.ts";
import { knownRegionFalls, regionAlerts } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { onsetOfCell, rampOfCell } from "../statistics/onset-grid.ts";
import type { SufficientStatistics } from "../statistics/scale-state.ts";
import { type KnownFall, statisticsWithout } from "../statistics/subtract-falls.ts";

/** A network-wide fall counts as known once it was the best explanation for this many ticks in a row. */
const DIP_TICKS = 3;
/**
 * How far a new fit may move a dip's onset, in steps, and for how long after the onset it is fitted: about half of a long dip.
 */
const DIP_REACH_STEPS = 8;
const DIP_YOUNG_MS = 4 * HOUR_MS;
/**
 * How long a dip stays subtracted after its end, ms. Three-hour averages still carry it, and it would be mistaken for a
 * region's fall.
 */
export const ECHO_MS = 4 * HOUR_MS;
/** A regional onset within this many steps of a dip's is the same fall, recognised late as regional. */
const SAME_STEPS = 12;
const MOST_DIPS = 4;

const stepMs = (view: ScaleView): number => view.scale.spec.stepSeconds * 1000;

/** Dips as falls of every row, to be subtracted from the fast scale's sufficient statistics. */
export function dipFalls(context: TickContext, before = Number.POSITIVE_INFINITY): KnownFall[] {
  const { name, predict } = networkWideFall;
  const fallOf = (drop: number): Float64Array => predict(context.layout.score, name, drop);
  return context.state.networkFalls
    .filter((dip) => dip.onset < before)
    .map(({ onset, ramp, drop }) => ({ onset, ramp, fall: fallOf(drop) }));
}

/** Rows in which a known fall is beginning or ending. Their innovations must not teach the ordinary noise. */
export function disturbedRows({ state, layout }: TickContext): Set<number> {
  if (state.networkFalls.length > 0) return new Set(layout.rows.keys());
  const moving = knownRegionFalls(state).filter((fall) => !fall.settled || fall.ending > 0);
  return new Set(moving.flatMap(({ fall }) => fall.flatMap((part, row) => (part > 0 ? [row] : []))));
}

/** Earliest onset, ms, that is clearly later than every known dip; -Infinity where none is known. */
export function clearOfDips(context: TickContext, view: ScaleView): number {
  return Math.max(...context.state.networkFalls.map((dip) => dip.onset + SAME_STEPS * stepMs(view)));
}

/**
 * Time after the onset and the opening of a fall during which what remains of it is the error of its fit, ms: ramps and
 * averaging windows last that long at any polling interval. At least two steps, so that something lies between.
 */
const APART_MS = { fast: HOUR_MS, slow: 3 * DAY_MS } as const;
const APART_STEPS_LEAST = 2;

/** Earliest onset, ms, of a new fall that can be distinguished from those regional falls; -Infinity if there are none. */
export function clearOfFalls(view: ScaleView, falls: readonly RegionAlert[]): number {
  const apart = Math.max(APART_MS[view.name], APART_STEPS_LEAST * stepMs(view));
  const told = falls.filter((alert) => alert.scale === view.name);
  return Math.max(...told.map((alert) => Math.max(alert.onset, alert.openedAt) + apart));
}

function seen(view: ScaleView, evaluated: Evaluation): Omit<RememberedNetworkFall, "since"> | null {
  const found = evaluated.posterior;
  if (!found) return null;
  const least = Math.max(view.threshold, found.total + view.scale.spec.margin);
  const { fall } = evaluated;
  if (fall && fall.score >= Math.max(least, found.network.score)) {
    const off = view.scale.spec.rampSeconds.map((seconds) => Math.abs(seconds - fall.rampSeconds));
    return { onset: fall.onset + stepMs(view) / 2, ramp: off.indexOf(Math.min(...off)), drop: fall.whole };
  }
  if (found.network.score < least || !(found.network.size > 0)) return null;
  const { cell, size } = found.network;
  const { ramps } = evaluated.statistics;
  return { onset: view.state.slotAt[onsetOfCell(cell, ramps)]!, ramp: rampOfCell(cell, ramps), drop: size };
}

/**
 * Follows dips by one tick.
 *
 * @param evaluated the evaluation with dips left in
 * @param beyond the evaluation with dips subtracted; the same object where none is known
 */
export function followDips(context: TickContext, view: ScaleView, evaluated: Evaluation, beyond: Evaluation): void {
  const { state, at } = context;
  const memory = view.scale.spec.maxAge * stepMs(view);
  const told = regionAlerts(state).filter((alert) => alert.scale === "fast");
  const isTold = (dip: RememberedNetworkFall): boolean =>
    told.some((alert) => Math.abs(alert.onset - dip.onset) <= SAME_STEPS * stepMs(view));
  state.networkFalls = state.networkFalls.filter((dip) => at - dip.onset <= memory + ECHO_MS && !isTold(dip));
  const youngest = state.networkFalls.filter((dip) => at - dip.since <= DIP_YOUNG_MS);
  const same = (dip: RememberedNetworkFall, found: Omit<RememberedNetworkFall, "since">): boolean =>
    Math.abs(found.onset - dip.onset) <= DIP_REACH_STEPS * stepMs(view);
  const strongest = youngest.length > 0 ? seen(view, evaluated) : null;
  if (strongest) {
    const mine = state.networkFalls.find((dip) => same(dip, strongest));
    if (mine && youngest.includes(mine)) Object.assign(mine, strongest);
  }
  // While a regional fall is being fitted, what the fit leaves over can look like a dip. So no dip becomes known beside an
  // open alert.
  const fresh = told.length > 0 ? null : seen(view, beyond);
  const isNew = fresh !== null && !state.networkFalls.some((dip) => same(dip, fresh));
  state.networkFallTicks = isNew ? state.networkFallTicks + 1 : 0;
  if (!isNew || state.networkFallTicks < DIP_TICKS) return;
  state.networkFallTicks = 0;
  state.networkFalls = [...state.networkFalls, { ...fresh, since: at }].slice(-MOST_DIPS);
}

export interface Beside {
  /** An alert whose fall is not subtracted. */
  readonly except?: RegionAlert;
  /** Onsets before this, ms, are not needed by the caller; their statistics may be anything. */
  readonly from?: number;
  /** Dips with an onset before this, ms, are subtracted too. Absent: no dip is. */
  readonly dipsBefore?: number;
  /** The one row that is asked for; all when left out. */
  readonly row?: number;
  /** Further falls to subtract. */
  readonly also?: readonly KnownFall[];
}

/** A scale's sufficient statistics without the effects of its open alerts and withheld falls. */
export function statisticsBeside(
  context: TickContext,
  view: ScaleView,
  { except, from, dipsBefore, row, also = [] }: Beside = {},
): SufficientStatistics {
  const regional: KnownFall[] = knownRegionFalls(context.state).filter(
    (fall) => fall.scale === view.name && fall !== except,
  );
  const dips = dipsBefore === undefined || view.name !== "fast" ? [] : dipFalls(context, dipsBefore);
  return statisticsWithout(view.state, view.scale.spec, view.banks, [...regional, ...dips, ...also], from, row);
}
