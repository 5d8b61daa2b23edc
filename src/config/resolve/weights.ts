/** Region weights of a pool, made whole with OTHER; and what is known of where they come from. */
import type { z } from "zod";
import type { RegionWeight } from "../../detect/contract.ts";
import { OTHER_REGION } from "../../model/region.ts";
import { DEFAULT_RELATIVE_SD } from "../schema/defaults.ts";
import type { poolWeights } from "../schema/network.ts";
import type { WeightNote } from "./resolved.ts";

export type PoolWeights = z.output<typeof poolWeights>;

/** Less than this is rounding, not a region. */
const SMALLEST_REST = 1e-6;

/** The moment at which a date's own time is over, ms: of `2025`, `2025-11` or `2025-11-30`. */
function endOfDate(date: string | number): number {
  const [year = 0, month, day] = String(date).split("-").map(Number);
  if (month === undefined) return Date.UTC(year + 1, 0, 1);
  return day === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + 1);
}

/** Sorted by region, so that the order of the keys changes nothing; what the weights leave belongs to OTHER. */
export function completeWeights(
  weights: Pick<PoolWeights, "regions" | "relativeSd" | "asOf">,
): readonly RegionWeight[] {
  const relativeSd = weights.relativeSd ?? DEFAULT_RELATIVE_SD;
  const known = Object.entries(weights.regions).map(([region, stated]): RegionWeight => {
    const own: Exclude<typeof stated, number> = typeof stated === "number" ? { weight: stated } : stated;
    const { weight, sd = weight * relativeSd } = own;
    const asOf = own.asOf ?? weights.asOf;
    return { region, weight, sd, ...(asOf === undefined ? {} : { asOf: endOfDate(asOf) }) };
  });
  const rest = 1 - known.reduce((total, w) => total + w.weight, 0);
  if (rest > SMALLEST_REST) {
    const stated = known.findIndex((w) => w.region === OTHER_REGION);
    const weight = (known[stated]?.weight ?? 0) + rest;
    const other = { region: OTHER_REGION, weight, sd: weight * relativeSd };
    if (stated >= 0) known[stated] = other;
    else known.push(other);
  }
  return known.sort((a, b) => (a.region < b.region ? -1 : 1));
}

/** Date and source of every weight that states them, or whose pool does. */
export function weightNotes(pool: string, weights: PoolWeights): readonly WeightNote[] {
  return Object.entries(weights.regions).flatMap(([region, stated]) => {
    const own: Exclude<typeof stated, number> = typeof stated === "number" ? { weight: stated } : stated;
    const asOf = own.asOf ?? weights.asOf;
    const source = own.source ?? weights.source;
    if (asOf === undefined && source === undefined) return [];
    return [
      {
        pool,
        region,
        ...(asOf === undefined ? {} : { asOf: String(asOf) }),
        ...(source === undefined ? {} : { source }),
      },
    ];
  });
}
