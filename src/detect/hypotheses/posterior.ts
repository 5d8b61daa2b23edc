/**
 * The full score of what stirs. Every explanation is a log of a sum over onsets (weighted by their spacing), ramps and
 * sizes of prior times likelihood ratio, so it is a Shiryaev-Roberts statistic: its expectation under "nothing happened"
 * grows by its prior per step, from which `threshold.ts` derives when to speak.
 */

import type { ScoreModel } from "../model/score-model.ts";
import type { Sums } from "../statistics/scale-state.ts";
import type { Look, OtherEvidence, Priors, RegionPosterior } from "./hypothesis.ts";
import { logSum } from "./likelihood.ts";
import { sumWide, type WideSum } from "./network-wide.ts";
import { type RegionSums, sumRegions } from "./region.ts";

export interface Posterior {
  /** What was summed. */
  readonly look: Look;
  /** Best first; regions that could not matter are left out. */
  readonly regions: readonly RegionPosterior[];
  /** Log statistic of all regions together. */
  readonly total: number;
  readonly network: WideSum;
  readonly operators: RegionSums["operators"];
  /** Log statistic of every rival explanation together. */
  readonly rivals: number;
}

/** Sums every explanation over what `look` says. */
export function posterior(
  model: ScoreModel,
  sums: Sums,
  look: Look,
  priors: Priors,
  other: OtherEvidence | null = null,
): Posterior {
  const { combos: regional, regions, operators } = sumRegions(model, sums, look, priors, other);
  const { combos: wide, ...network } = sumWide(model, sums, look, priors, other);
  const close = priors.networkFall === undefined ? [] : [priors.networkFall];
  return {
    look: { regions: look.regions, regional, wide },
    regions,
    total: logSum(regions.map((entry) => entry.score)),
    network,
    operators,
    rivals: logSum([0, network.score, ...close, ...operators.map((entry) => entry.score)]),
  };
}
