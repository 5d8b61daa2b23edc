/** Passes the samples of a tick through the quality gate: one figure per row of the score, and counts of refusals by reason. */

import type { RateSample, Sample } from "../model/sample.ts";
import { entryOf, itemAt } from "./model/elements.ts";
import { type Layout, rowKey } from "./network-model.ts";
import { admit, better, figureOf, pausesSince, refusalOf, type Surroundings } from "./quality/gate.ts";
import { agrees, possibleStep, stepOf } from "./quality/quarantine.ts";
import type { DetectorState } from "./state/state.ts";
import type { TickContext } from "./state/tick-context.ts";

export interface Intake {
  /** H/s per row, NaN where missing. */
  readonly figures: Float64Array;
  readonly rejected: Record<string, number>;
  /** Rows whose figure is history that was filled in afterwards. */
  readonly backfilled: boolean;
  /** Rows that restart at this tick because their unit changed for good. */
  readonly renewed: readonly number[];
}

/** The best sample per row key. The order of the samples in a tick has no effect. */
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

/** A region has at most its pool's hash rate. This factor allows for windows that differ. */
const MORE_THAN_TOTAL = 5;
/** A regional row's fall to zero is credible when its pool's total lost at least this part of what the row had. */
const TOTAL_FELL = 0.5;

/** Looks up how the other figures of this tick support a row's. */
class TickSteps {
  readonly #state: DetectorState;
  readonly #at: number;
  readonly #intervalMs: number;
  /** Usable figures of the tick by row, and each row's step where it is larger than its past makes likely. */
  readonly #figures = new Map<number, number>();
  readonly #steps = new Map<number, number>();

  constructor(
    layout: Layout,
    state: DetectorState,
    at: number,
    intervalMs: number,
    found: ReadonlyMap<string, RateSample>,
  ) {
    this.#state = state;
    this.#at = at;
    this.#intervalMs = intervalMs;
    for (const [key, sample] of found) {
      const index = layout.index.get(key);
      if (index === undefined) continue;
      const gate = itemAt(state.gate, index);
      if (refusalOf(gate, sample, at, intervalMs) !== null) continue;
      this.#figures.set(index, sample.hashrate);
      this.#steps.set(index, stepOf(gate.steps, figureOf(gate, sample.hashrate)));
    }
  }

  around(index: number, sample: RateSample): Surroundings {
    const { gate, rows } = this.#state;
    const own = itemAt(rows, index);
    const { steps, level } = itemAt(gate, index);
    const total = own.region === null ? -1 : this.#totalOf(own.pool);
    const most =
      total >= 0 && itemAt(gate, total).level > 0
        ? MORE_THAN_TOTAL * itemAt(gate, total).level
        : Number.POSITIVE_INFINITY;
    const step = stepOf(steps, Math.max(sample.hashrate, Number.MIN_VALUE));
    // The usual case: no figure moved further than possible, and nothing needs to be looked up.
    const pauses = pausesSince(itemAt(gate, index), this.#at, this.#intervalMs);
    if (sample.hashrate > 0 && Math.abs(step) <= possibleStep(steps, step, pauses)) {
      return { most, mayVanish: false, agreed: false };
    }
    const agreed = [...this.#steps].some(
      ([other, moved]) => itemAt(rows, other).pool !== own.pool && agrees(itemAt(gate, other).steps, moved, step),
    );
    return { most, agreed, mayVanish: own.region !== null && this.#mayVanish(index, own.pool, level, total) };
  }

  #totalOf(pool: string): number {
    return this.#state.rows.findIndex((row) => row.pool === pool && row.region === null);
  }

  #mayVanish(index: number, pool: string, level: number, total: number): boolean {
    const { rows, gate } = this.#state;
    for (const [other, figure] of this.#figures) {
      if (other === index || itemAt(rows, other).pool !== pool || itemAt(rows, other).region === null) continue;
      if (figure > 0) return true;
    }
    const now = this.#figures.get(total);
    return (
      now !== undefined &&
      itemAt(gate, total).steps.lastGood > 0 &&
      itemAt(gate, total).level - now >= TOTAL_FELL * level
    );
  }
}

/**
 * Passes the figures of a tick through the gate.
 *
 * @param found the best figure per row key
 * @param rejected counts what is refused, by reason
 */
export function intake(
  { layout, state, at, compiled }: Pick<TickContext, "layout" | "state" | "at" | "compiled">,
  found: ReadonlyMap<string, RateSample>,
  rejected: Record<string, number>,
): Intake {
  const { intervalMs } = compiled;
  const figures = new Float64Array(state.rows.length).fill(Number.NaN);
  let backfilled = false;
  const renewed: number[] = [];
  const steps = new TickSteps(layout, state, at, intervalMs, found);
  // The other rows are compared before any of them learns from this tick.
  const around = new Map(
    [...found].map(([key, sample]) => {
      const index = entryOf(layout.index, key);
      return [index, steps.around(index, sample)] as const;
    }),
  );
  for (const [key, index] of layout.index) {
    const sample = found.get(key);
    const gate = itemAt(state.gate, index);
    gate.refusal = null;
    if (!sample) continue;
    if (sample.backfilled) backfilled = true;
    const { firstAt } = gate;
    const figure = admit(gate, sample, at, intervalMs, entryOf(around, index));
    if (firstAt > 0 && gate.firstAt === at) renewed.push(index);
    if (gate.refusal !== null) rejected[gate.refusal] = (rejected[gate.refusal] ?? 0) + 1;
    figures[index] = figure;
  }
  return { figures, rejected, backfilled, renewed };
}
