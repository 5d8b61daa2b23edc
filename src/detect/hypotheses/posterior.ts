/**
 * The full score of a step at which something may have happened. Every explanation is a log of a sum over onsets (weighted by
 * their spacing), ramps and sizes of prior times likelihood ratio, so it is a Shiryaev-Roberts statistic: its expectation under
 * "nothing happened" grows by its prior per step, from which `decide/threshold.ts` derives when an alert may open.
 */

import { OTHER_REGION } from "../../model/region.ts";
import { onsetOfCell } from "../statistics/onset-grid.ts";
import type { EvaluationInput, Explanation, Shortlist } from "./hypothesis.ts";
import { logSum } from "./likelihood.ts";
import { rivalsAtEveryStep } from "./list.ts";
import { networkWideFall } from "./network-wide.ts";
import { operatorFall } from "./operator.ts";
import { type RegionPosterior, regionFall } from "./region.ts";

export interface Posterior {
  /** The shortlist, cut to the cells that added something. */
  readonly summed: Shortlist;
  /** Best first; regions far below the best are left out. */
  readonly regions: readonly RegionPosterior[];
  /** Log evidence of all regions together, and the same without witnesses. */
  readonly total: number;
  readonly totalWithoutWitnesses: number;
  /** Whether a witness was heard at all. */
  readonly isWitnessed: boolean;
  /** Nats of witnesses per country without weights, around the onset at which an unlisted region fits best. */
  readonly unlisted: ReadonlyMap<string, number>;
  readonly network: Explanation;
  readonly operators: readonly Explanation[];
  /** Log evidence of every rival explanation together, "nothing happened" included. */
  readonly rivals: number;
}

/** An explanation without evidence. */
const ABSENT: Explanation = { subject: "", score: Number.NEGATIVE_INFINITY, size: 0, cell: 0 };

function unlistedOf(
  { witnesses, statistics }: EvaluationInput,
  regions: readonly Explanation[],
): Posterior["unlisted"] {
  const other = regions.find(({ subject }) => subject === OTHER_REGION);
  if (!witnesses || !other) return new Map();
  return witnesses.unlisted(onsetOfCell(other.cell, statistics.ramps));
}

/** Sums every explanation over the shortlist. */
export function posterior(input: EvaluationInput): Posterior {
  const { shortlist } = input;
  const regions = regionFall.evaluate(input);
  const regional = [...(regions[0]?.summedOver ?? [])];
  const rivals = rivalsAtEveryStep({ ...input, shortlist: { ...shortlist, regional } });
  const network = rivals.get(networkWideFall.name)?.[0] ?? ABSENT;
  const close = input.priors.networkFall === undefined ? [] : [input.priors.networkFall];
  const others = [...rivals].flatMap(([name, found]) => (name === networkWideFall.name ? [] : found));
  return {
    summed: { regions: shortlist.regions, regional, networkWide: network.summedOver ?? [] },
    regions,
    total: logSum(regions.map(({ score }) => score)),
    totalWithoutWitnesses: logSum(regions.map(({ withoutWitnesses }) => withoutWitnesses)),
    isWitnessed: Boolean(input.witnesses),
    unlisted: unlistedOf(input, regions),
    network,
    operators: rivals.get(operatorFall.name) ?? [],
    rivals: logSum([0, network.score, ...close, ...others.map(({ score }) => score)]),
  };
}
