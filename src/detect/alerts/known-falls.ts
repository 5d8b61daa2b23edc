/**
 * Falls of everything that are under way, or of which the onset is still remembered: prices and difficulty move all pools
 * for hours. Told or not, they are known falls like those of open alerts: their effect is taken out, so that a region that
 * falls within one is not measured against it. Only what begins well after a dip is looked for so; at its own onset the
 * dip and every region go on being weighed against each other.
 */

import { HOUR_MS } from "../../model/time-units.ts";
import { networkWideFall } from "../hypotheses/network-wide.ts";
import type { Evaluation } from "../search/evaluate.ts";
import type { RegionAlert, RememberedNetworkFall } from "../state/alert-state.ts";
import { knownRegionFalls, regionAlerts } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { onsetOfCell, rampOfCell } from "../statistics/onset-grid.ts";
import type { SufficientStatistics } from "../statistics/scale-state.ts";
import { type KnownFall, statisticsWithout } from "../statistics/subtract-falls.ts";

/** Ticks in a row that a fall of everything must stand before it is known. */
const DIP_TICKS = 3;
/** How far a dip's onset may move while it is fitted anew, in steps, and for how long that goes on: half of a long dip. */
const DIP_REACH_STEPS = 8;
const DIP_YOUNG_MS = 4 * HOUR_MS;
/** What a fall of everything left in figures of three hours goes on for so long: once its onset is forgotten it would be a region's. */
export const ECHO_MS = 4 * HOUR_MS;
/** A region's onset nearer than this is the same fall, told as what it was after all. */
const SAME_STEPS = 12;
const MOST_DIPS = 4;

const stepMs = (view: ScaleView): number => view.scale.spec.stepSeconds * 1000;

/** Dips as falls of every row, to be taken out of the fast scale's sums. */
export function dipFalls(context: TickContext, before = Number.POSITIVE_INFINITY): KnownFall[] {
  const { name, predict } = networkWideFall;
  const fallOf = (drop: number): Float64Array => predict(context.layout.score, name, drop);
  return context.state.networkFalls
    .filter((dip) => dip.onset < before)
    .map(({ onset, ramp, drop }) => ({ onset, ramp, fall: fallOf(drop) }));
}

/** Rows in which a known fall goes down or comes back: what they show is not how the row ordinarily wanders. */
export function disturbedRows({ state, layout }: TickContext): Set<number> {
  if (state.networkFalls.length > 0) return new Set(layout.rows.keys());
  const moving = knownRegionFalls(state).filter((fall) => !fall.settled || fall.ending > 0);
  return new Set(moving.flatMap(({ fall }) => fall.flatMap((part, row) => (part > 0 ? [row] : []))));
}

/** From when on what begins is told apart from the dips that are known, ms; -Infinity without any. */
export function clearOfDips(context: TickContext, view: ScaleView): number {
  return Math.max(...context.state.networkFalls.map((dip) => dip.onset + SAME_STEPS * stepMs(view)));
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
 * One tick.
 *
 * @param evaluated with dips left in
 * @param beyond with dips taken out; the same where none is known
 */
export function followDips(context: TickContext, view: ScaleView, evaluated: Evaluation, beyond: Evaluation): void {
  const { state, at } = context;
  const memory = view.scale.spec.maxAge * stepMs(view);
  const told = regionAlerts(state).filter((alert) => alert.scale === "fast");
  const isTold = (dip: RememberedNetworkFall): boolean =>
    told.some((alert) => Math.abs(alert.onset - dip.onset) <= SAME_STEPS * stepMs(view));
  state.networkFalls = state.networkFalls.filter((dip) => at - dip.onset <= memory + ECHO_MS && !isTold(dip));
  const strongest = seen(view, evaluated);
  const same = (dip: RememberedNetworkFall, found: Omit<RememberedNetworkFall, "since">): boolean =>
    Math.abs(found.onset - dip.onset) <= DIP_REACH_STEPS * stepMs(view);
  if (strongest) {
    const mine = state.networkFalls.find((dip) => same(dip, strongest));
    if (mine && at - mine.since <= DIP_YOUNG_MS) Object.assign(mine, strongest);
  }
  // What is left of a region's fall while it is fitted looks like one of everything: beside an open one none becomes known.
  const fresh = told.length > 0 ? null : seen(view, beyond);
  const isNew = fresh !== null && !state.networkFalls.some((dip) => same(dip, fresh));
  state.networkFallTicks = isNew ? state.networkFallTicks + 1 : 0;
  if (!isNew || state.networkFallTicks < DIP_TICKS) return;
  state.networkFallTicks = 0;
  state.networkFalls = [...state.networkFalls, { ...fresh, since: at }].slice(-MOST_DIPS);
}

export interface Beside {
  /** A regional fall that is left in. */
  readonly except?: RegionAlert;
  /** Onsets before it, ms, are not asked for. */
  readonly from?: number;
  /** Falls of everything with an onset before it, ms, are taken out too; none when left out. */
  readonly dipsBefore?: number;
}

/** A scale's sums without what its alerts and withheld falls left in them. */
export function statisticsBeside(
  context: TickContext,
  view: ScaleView,
  { except, from, dipsBefore }: Beside = {},
): SufficientStatistics {
  const regional: KnownFall[] = knownRegionFalls(context.state).filter(
    (fall) => fall.scale === view.name && fall !== except,
  );
  const dips = dipsBefore === undefined || view.name !== "fast" ? [] : dipFalls(context, dipsBefore);
  return statisticsWithout(view.state, view.scale.spec, view.banks, [...regional, ...dips], from);
}
