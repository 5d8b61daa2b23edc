/** One scale's judgement at one step: screen, and where something stirs the full posterior. */
import type { BankEntry } from "../filter/bank.ts";
import { type OtherEvidence, type Posterior, posterior, type Sums } from "./posterior.ts";
import { regionPriorOf } from "./region-prior.ts";
import type { ScoreModel } from "./rows.ts";
import type { Scale } from "./scale.ts";
import type { ScaleState } from "./scale-state.ts";
import { type Screen, screen } from "./screen.ts";

/** T above which a step is scored in full; opening needs about twice its square. */
export const STIRS = 3.5;

/**
 * A glance (its best onsets and every third drop) falls short of the full sum by less than this: what is further below the
 * threshold is not worth the full sum.
 */
const GLANCE_SHORT = 4;

export interface Judgement {
  readonly screen: Screen;
  /** Absent when nothing stirs. */
  readonly posterior?: Posterior;
  readonly sums: Sums;
  /** What the posterior took for the regions' chances; absent with it. */
  readonly regionPrior?: Float64Array;
  /** Evidence of another kind that entered the posterior. */
  readonly other?: OtherEvidence;
}

export type Banks = readonly (readonly BankEntry[])[];

/** Steps that each slot stands for in the sum over onsets: those since the slot before it. */
export function slotWeights(state: ScaleState, scale: Scale): Float64Array {
  const stepMs = scale.spec.stepSeconds * 1000;
  return Float64Array.from({ length: state.slots }, (_, s) =>
    s === 0 ? 1 : Math.max(1, Math.round((state.slotAt[s]! - state.slotAt[s - 1]!) / stepMs)),
  );
}

/** Slots from `from` to `to`, ms, both inclusive; all when left out. */
export interface OnsetSpan {
  readonly from: number;
  readonly to: number;
}

export function judgeScale(
  scale: Scale,
  state: ScaleState,
  model: ScoreModel,
  sums: Sums,
  threshold: number,
  bar = STIRS,
  span?: OnsetSpan,
  other: OtherEvidence | null = null,
): Judgement {
  const { spec } = scale;
  const within = (s: number): boolean => !span || (state.slotAt[s]! >= span.from && state.slotAt[s]! <= span.to);
  const every = Array.from({ length: state.slots }, (_, s) => s).filter(within);
  const coarse = screen(
    model,
    sums,
    [0, 1].filter((k) => k < spec.rampSeconds.length),
    every,
    bar,
  );
  if (!(coarse.peak > bar)) return { screen: coarse, sums };
  const regionPrior = regionPriorOf(model, state.reference);
  const fine = screen(model, sums, [...spec.rampSeconds.keys()], every);
  const weights = slotWeights(state, scale);
  if (bar > Number.NEGATIVE_INFINITY) {
    const glance = posterior(model, sums, fine, regionPrior, spec.rampPrior, weights, spec, "glance");
    if (glance.total < threshold - GLANCE_SHORT) return { screen: fine, posterior: glance, sums, regionPrior };
  }
  const found = posterior(model, sums, fine, regionPrior, spec.rampPrior, weights, spec, "full", other);
  return { screen: fine, posterior: found, sums, regionPrior, ...(other ? { other } : {}) };
}
