/** Makes the state before the first tick, and adapts a state to changed rows. */

import { WINDOW_SUMS } from "../filter/window-learning.ts";
import type { Row } from "../model/score-model.ts";
import { SLOW_FILTER_SECONDS } from "../model/time-scales.ts";
import { type Compiled, rowKey, windowsOf } from "../network-model.ts";
import { emptyGateRow } from "../quality/gate.ts";
import type { ScaleState } from "../statistics/scale-state.ts";
import { nothingLearned } from "../weights/learned.ts";
import type { OpenAlert, RegionAlert } from "./alert-state.ts";
import { daysShape, historyShape } from "./history.ts";
import { type DetectorState, emptyGate } from "./state.ts";

/** Number of six-hour bins that are kept: onsets of twelve days and a base before them. */
export const SLOW_BINS = 64;

/** `windows`: learned averaging windows per row, seconds; 0 where none was learned. */
export function stateOf(compiled: Compiled, rows: Row[], windows: readonly number[] = []): DetectorState {
  const { bins } = historyShape(compiled.model.intervalSeconds);
  const days = daysShape(compiled.model.intervalSeconds);
  return {
    at: 0,
    rows,
    gate: emptyGate(rows.length),
    fast: compiled.fast.initial(windowsOf(compiled.pools, rows, windows)),
    slow: compiled.slow.initial(rows.map(() => SLOW_FILTER_SECONDS)),
    history: new Float32Array(bins * rows.length).fill(Number.NaN),
    historyHead: 0,
    historyAt: 0,
    slowHistory: new Float32Array(SLOW_BINS * rows.length).fill(Number.NaN),
    slowHead: 0,
    slowAt: 0,
    days: new Float32Array(days.bins * rows.length).fill(Number.NaN),
    daysAt: 0,
    recent: new Float64Array(rows.length),
    recentAt: new Float64Array(rows.length),
    windows: rows.map((_, row) => windows[row] ?? 0),
    windowSums: new Float32Array(rows.length * WINDOW_SUMS),
    parts: rows.map(() => 0),
    rests: {},
    alerts: [],
    withheld: [],
    pending: { fast: { lead: "", steps: 0, standing: 0 }, slow: { lead: "", steps: 0, standing: 0 } },
    blind: false,
    blindSince: 0,
    poolLow: rows.map(() => 0),
    poolBase: rows.map(() => 0),
    poolHalved: rows.map(() => 0),
    networkTicks: 0,
    networkFalls: [],
    networkFallTicks: 0,
    blocks: compiled.blocks?.initial() ?? null,
    blockFeed: { warm: false, warmAt: 0, silent: false },
    scores: {},
    fastOpenAt: 0,
    closedAt: {},
    episodes: [],
    regimes: {},
    slowRestartAt: 0,
    firstAt: 0,
    witnesses: [],
    signalRates: [],
    learned: nothingLearned(),
    notOpened: [],
    detectable: {},
  };
}

export function initialState(compiled: Compiled): DetectorState {
  return stateOf(
    compiled,
    compiled.pools.map((pool) => ({ pool: pool.id, region: null })),
  );
}

/** Copies columns of a ring or table whose rows are the fastest index. */
function carry<T extends Float32Array | Float64Array>(
  from: T,
  fromRows: number,
  to: T,
  toRows: number,
  source: readonly number[],
): void {
  const lines = Math.min(from.length / fromRows, to.length / toRows);
  for (let line = 0; line < lines; line++) {
    source.forEach((old, row) => {
      if (old >= 0) to[line * toRows + row] = from[line * fromRows + old]!;
    });
  }
}

function carryScale(from: ScaleState, to: ScaleState, source: readonly number[]): void {
  to.at = from.at;
  to.ringHead = from.ringHead;
  to.slots = from.slots;
  to.slotAt.set(from.slotAt);
  source.forEach((old, row) => {
    if (old < 0 || from.filters[old]!.length !== to.filters[row]!.length) return;
    to.filters[row]!.set(from.filters[old]!);
    to.units[row]!.set(from.units[old]!);
    to.chosen[row] = from.chosen[old]!;
    to.seen[row] = from.seen[old]!;
    to.missing[row] = from.missing[old]!;
    to.reference[row] = from.reference[old]!;
  });
  const kept = source.map((old, row) => (old >= 0 && to.seen[row]! > 0 ? old : -1));
  carry(from.ringInnovation, from.rows, to.ringInnovation, to.rows, kept);
  carry(from.ringVariance, from.rows, to.ringVariance, to.rows, kept);
  carry(from.sumA, from.rows, to.sumA, to.rows, kept);
  carry(from.sumB, from.rows, to.sumB, to.rows, kept);
}

/** The same state with other rows: those that stay keep all they learned, new ones start cold, others are dropped. */
export function withRows(compiled: Compiled, state: DetectorState, rows: Row[]): DetectorState {
  const at = new Map(state.rows.map((row, index) => [rowKey(row), index]));
  const source = rows.map((row) => at.get(rowKey(row)) ?? -1);
  const windows = source.map((old) => (old >= 0 ? (state.windows[old] ?? 0) : 0));
  const next = stateOf(compiled, rows, windows);
  carryScale(state.fast, next.fast, source);
  carryScale(state.slow, next.slow, source);
  carry(state.history, state.rows.length, next.history, rows.length, source);
  carry(state.slowHistory, state.rows.length, next.slowHistory, rows.length, source);
  carry(state.days, state.rows.length, next.days, rows.length, source);
  source.forEach((old, row) => {
    if (old < 0) return;
    const sums = state.windowSums.subarray(old * WINDOW_SUMS, (old + 1) * WINDOW_SUMS);
    next.windowSums.set(sums, row * WINDOW_SUMS);
  });
  carry(state.recent, state.rows.length, next.recent, rows.length, source);
  carry(state.recentAt, state.rows.length, next.recentAt, rows.length, source);
  const moved = (values: readonly number[]): number[] => source.map((old) => (old >= 0 ? (values[old] ?? 0) : 0));
  const movedFall = (alert: RegionAlert): RegionAlert => ({
    ...alert,
    fall: moved(alert.fall),
    fallHashrate: moved(alert.fallHashrate),
    base: moved(alert.base),
  });
  const alerts = state.alerts.flatMap((alert): OpenAlert[] => {
    if (alert.scope === "region") return [movedFall(alert)];
    if (alert.scope === "pool") {
      const row = source.indexOf(alert.row);
      return row < 0 ? [] : [{ ...alert, row }];
    }
    return [alert];
  });
  return {
    ...next,
    at: state.at,
    gate: source.map((old) => (old >= 0 ? state.gate[old]! : emptyGateRow())),
    historyHead: state.historyHead,
    historyAt: state.historyAt,
    slowHead: state.slowHead,
    slowAt: state.slowAt,
    daysAt: state.daysAt,
    parts: moved(state.parts),
    rests: state.rests,
    alerts,
    withheld: state.withheld.map(movedFall),
    pending: state.pending,
    blind: state.blind,
    blindSince: state.blindSince,
    poolLow: moved(state.poolLow),
    poolBase: moved(state.poolBase),
    poolHalved: moved(state.poolHalved),
    networkTicks: state.networkTicks,
    networkFalls: state.networkFalls,
    networkFallTicks: state.networkFallTicks,
    blocks: state.blocks,
    blockFeed: state.blockFeed,
    scores: state.scores,
    fastOpenAt: state.fastOpenAt,
    closedAt: state.closedAt,
    episodes: state.episodes,
    regimes: state.regimes,
    slowRestartAt: state.slowRestartAt,
    firstAt: state.firstAt,
    witnesses: state.witnesses,
    signalRates: state.signalRates,
    learned: state.learned,
    notOpened: state.notOpened,
    detectable: state.detectable,
  };
}

export function growRows(compiled: Compiled, state: DetectorState, fresh: readonly Row[]): DetectorState {
  return withRows(compiled, state, [...state.rows, ...fresh]);
}

/** Resets one row's column of a ring or table to its initial value. */
function clearColumn(table: Float32Array | Float64Array, rows: number, row: number, value: number): void {
  for (let at = row; at < table.length; at += rows) table[at] = value;
}

function forgetInScale(scale: ScaleState, row: number): void {
  scale.filters[row]!.fill(0);
  scale.units[row]!.fill(0);
  scale.chosen[row] = 0;
  scale.seen[row] = 0;
  scale.missing[row] = 0;
  scale.reference[row] = 0;
  clearColumn(scale.ringInnovation, scale.rows, row, Number.NaN);
  clearColumn(scale.ringVariance, scale.rows, row, 0);
  clearColumn(scale.sumA, scale.rows, row, 0);
  clearColumn(scale.sumB, scale.rows, row, 0);
}

/** Resets rows in place, as after a change of their unit. The caller resets their gates. */
export function forgetRows(state: DetectorState, forgotten: readonly number[]): void {
  const rows = state.rows.length;
  for (const row of forgotten) {
    forgetInScale(state.fast, row);
    forgetInScale(state.slow, row);
    clearColumn(state.history, rows, row, Number.NaN);
    clearColumn(state.slowHistory, rows, row, Number.NaN);
    clearColumn(state.days, rows, row, Number.NaN);
    state.windowSums.fill(0, row * WINDOW_SUMS, (row + 1) * WINDOW_SUMS);
    state.recent[row] = 0;
    state.recentAt[row] = 0;
    state.poolLow[row] = 0;
    state.poolBase[row] = 0;
    state.poolHalved[row] = 0;
    for (const alert of [...state.alerts, ...state.withheld]) {
      if (alert.scope !== "region") continue;
      for (const part of [alert.fall, alert.fallHashrate, alert.base]) if (row < part.length) part[row] = 0;
    }
  }
}
