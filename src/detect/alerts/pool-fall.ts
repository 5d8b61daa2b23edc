/**
 * Estimates a row's fall from its own figures: from its sufficient statistics while the averaging window hides part of it,
 * from its level later.
 */

import { DAY_MS } from "../../model/time-units.ts";
import { developedPart, WANDER_PER_DAY } from "../estimate/present-levels.ts";
import { progressOf } from "../estimate/region-fit.ts";
import { fitRowFall, type RowFall, type RowFallInput, type RowLevel, shownByLevel } from "../estimate/row-fall.ts";
import { onsetSteps } from "../search/evaluate.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { cellOf, cellOffset } from "../statistics/onset-grid.ts";
import { statisticsBeside } from "./known-falls.ts";

/** Onsets further than this from the published one, in steps, belong to another fall. */
const REACH_STEPS = 8;

export interface MeasuredFall {
  readonly fit: RowFall;
  readonly input: RowFallInput;
  readonly reference: number;
}

/** Levels of a row around its fall. */
interface Levels {
  /** Before the fall, H/s. */
  readonly base: number;
  /** Now, with what open regional alerts lost added back, H/s. */
  readonly level: number;
  /** Published onset, ms; null before the opening. */
  readonly startedAt: number | null;
}

function levelSince({ at }: TickContext, view: ScaleView, row: number, levels: Levels, onset: number): RowLevel {
  const { state, banks } = view;
  const chosen = state.chosen[row]!;
  const windowVariance = banks[row]![chosen]!.filter.windowVariance;
  const variance = state.units[row]![chosen]! * windowVariance * 2;
  return {
    fall: (levels.base - levels.level) / state.reference[row]!,
    sd: Math.sqrt(variance + (WANDER_PER_DAY ** 2 * Math.max(0, at - onset)) / DAY_MS),
    developed: developedPart(view, { onset, ramp: 0 }, row, at),
  };
}

/** What a row whose alert is open has lost by now, H/s. Cheap once the row's averaging window shows the fall. */
export function lostNow(
  context: TickContext,
  view: ScaleView,
  row: number,
  levels: Levels & { readonly startedAt: number },
): number {
  const shown = shownByLevel(levelSince(context, view, row, levels, levels.startedAt));
  const { estimate } = shown ?? measureFall(context, view, row, levels).fit.lost;
  return estimate * view.state.reference[row]!;
}

/** The whole of what a row's figures say of its fall. */
export function measureFall(context: TickContext, view: ScaleView, row: number, levels: Levels): MeasuredFall {
  const { startedAt } = levels;
  const { at } = context;
  const { state, scale } = view;
  const { spec } = scale;
  const stepMs = spec.stepSeconds * 1000;
  const reference = state.reference[row]!;
  const statistics = statisticsBeside(context, view, { dipsBefore: at, row });
  const steps = onsetSteps(state, scale);
  const progress = progressOf(state, spec);
  const cells = Array.from({ length: statistics.slots }, (_, slot) => slot).flatMap((slot) => {
    const onset = state.slotAt[slot]!;
    if (startedAt !== null && Math.abs(onset - startedAt) > REACH_STEPS * stepMs) return [];
    return spec.rampPrior.map((prior, ramp) => {
      const cell = cellOf(slot, ramp, statistics.ramps);
      const from = cellOffset(cell, state.rows) + row;
      const [a, b] = [statistics.a[from]!, statistics.b[from]!];
      return { at: onset, prior: prior * steps[slot]!, progress: progress(cell), a, b };
    });
  });
  const input = (onset: number): RowFallInput => ({
    ...{ stepMs, at, cells },
    level: levelSince(context, view, row, levels, onset),
  });
  const first = startedAt ?? fitRowFall(input(at)).onset.estimate;
  const last = input(first);
  return { fit: fitRowFall(last), input: last, reference };
}
