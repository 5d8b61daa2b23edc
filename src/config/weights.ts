/** Region weights: from the pool itself or from a weights file, made whole with OTHER. */
import type { z } from "zod";
import type { RegionWeight } from "../detect/contract.ts";
import { OTHER_REGION } from "../model/region.ts";
import { DEFAULT_RELATIVE_SD, LARGEST_WEIGHT_SUM } from "./defaults.ts";
import type { regionWeights } from "./network-schema.ts";

export type WeightsOfPool = z.output<typeof regionWeights>;

/** Less than this is rounding, not a region. */
const SMALLEST_REST = 1e-6;

/** The sum of the weights when it is more than one pool can have; null when it is fine. */
export function excessiveSum(weights: WeightsOfPool): number | null {
  const sum = Object.values(weights).reduce<number>((total, w) => total + (typeof w === "number" ? w : w.weight), 0);
  return sum > LARGEST_WEIGHT_SUM ? sum : null;
}

/** Sorted by region, so that the order of the keys changes nothing; what the weights leave belongs to OTHER. */
export function completeWeights(weights: WeightsOfPool): readonly RegionWeight[] {
  const known = Object.entries(weights).map(([region, stated]): RegionWeight => {
    const weight = typeof stated === "number" ? stated : stated.weight;
    const sd = typeof stated === "number" ? undefined : stated.sd;
    return { region, weight, sd: sd ?? weight * DEFAULT_RELATIVE_SD };
  });
  const rest = 1 - known.reduce((total, w) => total + w.weight, 0);
  if (rest > SMALLEST_REST) {
    const stated = known.findIndex((w) => w.region === OTHER_REGION);
    const weight = (known[stated]?.weight ?? 0) + rest;
    const other = { region: OTHER_REGION, weight, sd: weight * DEFAULT_RELATIVE_SD };
    if (stated >= 0) known[stated] = other;
    else known.push(other);
  }
  return known.sort((a, b) => (a.region < b.region ? -1 : 1));
}
