/** Rows of a tick through the gate: one figure per row of the score, and the reasons of what was refused. */
import type { RateSample, Sample } from "../model/sample.ts";
import { type Layout, rowKey } from "./network-model.ts";
import { better, judge } from "./quality/gate.ts";
import type { DetectorState } from "./state/state.ts";

export interface Intake {
  /** H/s per row, NaN where missing. */
  readonly figures: Float64Array;
  readonly rejected: Record<string, number>;
  /** Rows with a figure that is history filled in afterwards. */
  readonly backfilled: boolean;
  /** Rows that begin anew at this tick: their unit changed for good. */
  readonly renewed: readonly number[];
}

/** The best sample per row key. Which rows come first in a tick changes nothing. */
export function bestPerRow(
  rows: readonly Sample[],
  known: ReadonlySet<string>,
  rejected: Record<string, number>,
): Map<string, RateSample> {
  const found = new Map<string, RateSample>();
  const count = (reason: string): void => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  };
  for (const sample of rows) {
    if (sample.kind !== "rate") continue;
    if (!known.has(sample.pool)) {
      count("unknown-pool");
      continue;
    }
    const key = sample.region === undefined ? sample.pool : rowKey({ pool: sample.pool, region: sample.region });
    const rival = found.get(key);
    if (rival === undefined) {
      found.set(key, sample);
      continue;
    }
    count("duplicate");
    found.set(key, better(rival, sample));
  }
  return found;
}

export function intake(
  layout: Layout,
  state: DetectorState,
  at: number,
  intervalMs: number,
  found: ReadonlyMap<string, RateSample>,
  rejected: Record<string, number>,
): Intake {
  const figures = new Float64Array(state.rows.length).fill(Number.NaN);
  let backfilled = false;
  const renewed: number[] = [];
  for (const [key, index] of layout.index) {
    const sample = found.get(key);
    const gate = state.gate[index]!;
    gate.refusal = null;
    if (!sample) continue;
    if (sample.backfilled) backfilled = true;
    const { firstAt } = gate;
    const figure = judge(gate, sample, at, intervalMs);
    if (firstAt > 0 && gate.firstAt === at) renewed.push(index);
    if (gate.refusal !== null) rejected[gate.refusal] = (rejected[gate.refusal] ?? 0) + 1;
    figures[index] = figure;
  }
  return { figures, rejected, backfilled, renewed };
}
