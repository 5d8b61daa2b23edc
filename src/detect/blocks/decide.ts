/** Opinions from scores: what to open, keep and end on a network of blocks alone. */

import { LISTED_PROBABILITY } from "../../model/candidates.ts";
import { itemAt } from "../model/elements.ts";
import type { BlockEvaluation, BlockOpinion, RegionScore } from "./contract.ts";
import { openFall, recovery } from "./falls.ts";
import { fitRegion } from "./fit.ts";
import type { Memory } from "./memory.ts";
import type { Network } from "./network.ts";

/** Log score at which an alert opens for a budget of false openings in 30 days; the reason stands with `oddsTimesBudget`. */
export function logThreshold(network: Network, falseAlarmsPerMonth: number): number {
  return Math.log(network.settings.oddsTimesBudget / Math.max(falseAlarmsPerMonth, 1e-6));
}

export function decide(network: Network, memory: Memory, threshold: number, seen: BlockEvaluation): BlockOpinion[] {
  // A feed that may be dead neither opens nor ends anything: it says nothing new.
  if (!seen.warm || seen.feed !== "ok") return [];
  const opinions = memory.falls.flatMap((fall): BlockOpinion[] => {
    if (fall !== openFall(memory, fall.region)) return [];
    const { region } = fall;
    const back = recovery(network, memory, fall);
    if (back.score > network.settings.recovery) {
      const resolution = back.wasDown ? "recovered" : "retracted";
      return [{ kind: "resolve", region, resolution, endedAt: back.since, recovery: back.score }];
    }
    const others = memory.falls.filter((entry) => entry !== fall);
    const since = Math.max(fall.since, memory.edgeTime);
    return [{ kind: "keep", region, fit: fitRegion(network, memory, region, others, since), recovery: back.score }];
  });
  return [...opinions, ...opening(network, memory, threshold, seen)];
}

function opening(network: Network, memory: Memory, threshold: number, seen: BlockEvaluation): BlockOpinion[] {
  const ranked = [...seen.regions].sort((a, b) => b.score - a.score);
  const best = ranked[0];
  if (!best || best.score < threshold || best.margin < network.settings.margin) return [];
  // More of a fall that is known of: its fit follows it. The second best would only be its shadow.
  if (openFall(memory, best.region)) return [];
  const { region, score, margin } = best;
  const candidates = candidatesOf(seen.regions);
  const ambiguous = itemAt(candidates, 0).probability < network.nameProbability;
  const fit = fitRegion(network, memory, region, memory.falls);
  return [{ kind: "open", region, score, margin, ambiguous, candidates, fit }];
}

function candidatesOf(regions: readonly RegionScore[]): { region: string; probability: number }[] {
  return regions
    .filter((entry) => entry.probability >= LISTED_PROBABILITY)
    .map(({ region, probability }) => ({ region, probability }))
    .sort((a, b) => b.probability - a.probability);
}
