/** One scale's judgement at one step: screen, and where something stirs the full posterior. */
import type { BankEntry } from "../filter/bank.ts";
import type { Look, OtherEvidence } from "../hypotheses/hypothesis.ts";
import { type NetworkFall, networkFall } from "../hypotheses/network-fall.ts";
import { type Posterior, posterior } from "../hypotheses/posterior.ts";
import { regionPriorOf } from "../hypotheses/region.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { Scale } from "../statistics/accumulate.ts";
import type { ScaleState, Sums } from "../statistics/scale-state.ts";
import { type Screen, screen, screenReach } from "./screen.ts";
import { chooseLook, type Effort, screenBar } from "./shortlist.ts";

/** T above which a step is scored in full; opening needs about twice its square. */
export const STIRS = 3.5;

/**
 * A glance (at the best few onsets and ramps) falls short of the full sum by less than this: what is further below what it
 * must reach, or below what else explains it, is not worth the full sum.
 */
const GLANCE_SHORT = 4;

export interface Judgement {
  readonly screen: Screen;
  /** Log statistic of all regions, or what it is at most where nothing was scored. */
  readonly most: number;
  /** Absent when nothing stirs. */
  readonly posterior?: Posterior;
  readonly sums: Sums;
  /** What was taken for the regions' chances; absent when nothing stirs. */
  readonly regionPrior?: Float64Array;
  /** A fall of everything, looked at closely; null where there is none, absent where it was not looked for. */
  readonly fall?: NetworkFall | null;
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
  banks?: Banks,
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
  if (!(coarse.peak > bar)) return { screen: coarse, sums, most: Number.NEGATIVE_INFINITY };
  const fine = screen(model, sums, [...spec.rampSeconds.keys()], every, screenBar(coarse.peak));
  const slotWeight = slotWeights(state, scale);
  const priors = { region: regionPriorOf(model, state.reference), ramp: spec.rampPrior, slotWeight, row: spec };
  const look = (effort: Effort): Look => chooseLook(model, sums, fine, spec.rampPrior, slotWeight, spec, effort);
  const judged = { screen: fine, sums, regionPrior: priors.region };
  const closely = (): NetworkFall | null =>
    banks === undefined ? null : networkFall(model, state, spec, banks, sums, priors, span?.from);
  if (bar > Number.NEGATIVE_INFINITY) {
    const reach = screenReach(fine, slotWeight, spec.rampPrior, priors.region);
    if (reach < threshold) return { ...judged, most: reach };
    const glance = posterior(model, sums, look("glance"), priors);
    const least = Math.max(threshold, glance.rivals + spec.margin);
    if (glance.total < least - GLANCE_SHORT) {
      // What is plainly no region may be a fall of everything: its onset and size are to be told.
      const fall = glance.network.score >= threshold ? closely() : null;
      return { ...judged, fall, posterior: glance, most: glance.total };
    }
  }
  const fall = closely();
  const close = fall === null ? priors : { ...priors, networkFall: fall.score };
  const found = posterior(model, sums, look("full"), close, other);
  return { ...judged, fall, posterior: found, most: found.total, ...(other ? { other } : {}) };
}
