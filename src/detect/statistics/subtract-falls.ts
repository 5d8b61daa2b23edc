/** Subtracts the fitted effects of known falls from the sufficient statistics, so that other regions stay watched. */

import type { BankEntry, ScaleSpec } from "../filter/bank.ts";
import { addTo, float32At, floatAt, intAt, itemAt } from "../model/elements.ts";
import { agesOf, cellOf, cellOffset, responseOffset, ringOffset, stepsBetween } from "./onset-grid.ts";
import type { ScaleState, SufficientStatistics } from "./scale-state.ts";

/** A known fall: per row, relative to the scale's reference. */
export interface KnownFall {
  readonly onset: number;
  readonly ramp: number;
  readonly fall: ArrayLike<number>;
}

/** Relative error of a row's fitted fall. Its innovations may correct the fit by that much without counting as another fall. */
const MISFIT_SD = 0.3;

export function statisticsOf(state: ScaleState, spec: ScaleSpec): SufficientStatistics {
  return { a: state.sumA, b: state.sumB, slots: state.slots, ramps: spec.rampSeconds.length };
}

/** One row's innovations in the scale's memory, newest first; missing ones are left out. */
interface RowPast {
  readonly innovation: Float64Array;
  readonly variance: Float64Array;
}

function pastOf(state: ScaleState, ages: number, row: number): RowPast {
  const innovation = new Float64Array(ages);
  const variance = new Float64Array(ages).fill(Number.POSITIVE_INFINITY);
  for (let back = 0; back < ages; back++) {
    const at = ringOffset(state, ages, back) + row;
    const value = float32At(state.ringInnovation, at);
    if (Number.isNaN(value)) continue;
    innovation[back] = value;
    variance[back] = float32At(state.ringVariance, at);
  }
  return { innovation, variance };
}

/** The response of one row's filter to a known fall: its corrected size, and how well that is known. */
interface KnownRow {
  /** Response by steps back from now. */
  readonly response: Float64Array;
  readonly size: number;
  /** 1 / (1 / variance of the misfit + information about it). */
  readonly freedom: number;
}

function knownRow(past: RowPast, response: Float64Array, size: number): KnownRow {
  let signal = 0;
  let power = 0;
  for (let back = 0; back < response.length; back++) {
    const g = response[back]!;
    signal += (g * (past.innovation[back]! - size * g)) / past.variance[back]!;
    power += (g * g) / past.variance[back]!;
  }
  const freedom = 1 / (1 / (MISFIT_SD * size) ** 2 + power);
  const found = size + freedom * signal;
  for (let back = 0; back < response.length; back++) past.innovation[back]! -= found * response[back]!;
  return { response, size: found, freedom };
}

/**
 * The statistics as they would be without the known falls: A' = A - sum over steps of g g_fall c / v, with c the fitted fall
 * corrected by the row's own innovations, and B' = B - (sum g g_fall / v)^2 x freedom, since what a correction of c could
 * explain is no evidence (linear regression on the known response with a normal prior). Filters are linear, so this is exact
 * for rows without gaps. Falls older than the scale's memory have left the innovations and cost nothing.
 *
 * @param from earliest onset that the caller needs, ms: statistics of earlier ones may be anything
 * @param only the one row that is asked for; all when left out
 */
export function statisticsWithout(
  state: ScaleState,
  spec: ScaleSpec,
  banks: readonly (readonly BankEntry[])[],
  falls: readonly KnownFall[],
  from = Number.NEGATIVE_INFINITY,
  only?: number,
): SufficientStatistics {
  const statistics = statisticsOf(state, spec);
  const stepMs = spec.stepSeconds * 1000;
  const ages = agesOf(spec);
  const young = falls.filter((fall) => (state.at - fall.onset) / stepMs <= spec.maxAge);
  let first = 0;
  while (first < state.slots && floatAt(state.slotAt, first) < from) first += 1;
  if (young.length === 0 || first === state.slots) return statistics;
  const a = state.sumA.slice(0, cellOffset(cellOf(state.slots, 0, statistics.ramps), state.rows));
  const b = state.sumB.slice(0, a.length);
  const cleaned = new Map<number, Float64Array>();
  for (let row = only ?? 0; row < (only === undefined ? state.rows : only + 1); row++) {
    if (!young.some((fall) => (fall.fall[row] ?? 0) !== 0)) continue;
    const { response } = itemAt(itemAt(banks, row), intAt(state.chosen, row));
    const past = pastOf(state, ages, row);
    const known = young.flatMap((fall) => {
      const size = fall.fall[row] ?? 0;
      if (size === 0) return [];
      const oldest = stepsBetween(fall.onset, state.at, spec.stepSeconds);
      const from = responseOffset(fall.ramp, oldest, ages);
      const answer = new Float64Array(oldest + 1);
      for (let back = 0; back <= oldest; back++) answer[back] = response[from - back]!;
      return [knownRow(past, answer, size)];
    });
    const { variance } = past;
    cleaned.set(row, past.innovation);
    for (let s = first; s < state.slots; s++) {
      const age = stepsBetween(floatAt(state.slotAt, s), state.at, spec.stepSeconds);
      for (let ramp = 0; ramp < statistics.ramps; ramp++) {
        const to = cellOffset(cellOf(s, ramp, statistics.ramps), state.rows) + row;
        const newest = responseOffset(ramp, age, ages);
        for (const one of known) {
          let shared = 0;
          const last = Math.min(age, one.response.length - 1);
          const { response: answer } = one;
          for (let back = 0; back <= last; back++) {
            shared += (response[newest - back]! * answer[back]!) / variance[back]!;
          }
          addTo(a, to, -one.size * shared);
          b[to] = Math.max(0, floatAt(b, to) - one.freedom * shared * shared);
        }
      }
    }
  }
  return { ...statistics, a, b, cleaned };
}
