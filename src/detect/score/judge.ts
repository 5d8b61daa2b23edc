/** One scale's judgement at one step: screen, and where something stirs the full posterior. */
import type { BankEntry } from "../filter/bank.ts";
import { OWN } from "./likelihood.ts";
import { type Posterior, posterior, type Sums } from "./posterior.ts";
import type { ScoreModel } from "./rows.ts";
import { type Scale, spacingAt } from "./scale.ts";
import type { ScaleState } from "./scale-state.ts";
import { type Screen, screen } from "./screen.ts";

/** T above which a step is scored in full; opening needs about twice its square. */
export const STIRS = 3;

export interface Judgement {
  readonly screen: Screen;
  /** Absent when nothing stirs. */
  readonly posterior?: Posterior;
  readonly sums: Sums;
}

export type Banks = readonly (readonly BankEntry[])[];

/** Steps that each slot stands for in the sum over onsets. */
function slotWeights(state: ScaleState, scale: Scale): Float64Array {
  const stepMs = scale.spec.stepSeconds * 1000;
  return Float64Array.from({ length: state.slots }, (_, s) =>
    spacingAt(Math.round((state.at - state.slotAt[s]!) / stepMs)),
  );
}

export function judgeScale(scale: Scale, state: ScaleState, model: ScoreModel, sums: Sums, bar = STIRS): Judgement {
  const { spec } = scale;
  const coarse = screen(
    model,
    sums,
    [0, 1].filter((k) => k < spec.rampSeconds.length),
  );
  if (!(coarse.peak > bar)) return { screen: coarse, sums };
  const fine = screen(model, sums, [...spec.rampSeconds.keys()]);
  const found = posterior(model, sums, fine, spec.rampPrior, slotWeights(state, scale), OWN);
  return { screen: fine, posterior: found, sums };
}
