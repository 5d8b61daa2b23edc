/** Whether a judgement opens a regional alert, and with which name. */

import { LISTED_PROBABILITY, MOST_LISTED } from "../../model/candidates.ts";
import { logSum } from "../hypotheses/likelihood.ts";
import type { Posterior } from "../hypotheses/posterior.ts";
import type { RegionRows } from "../model/score-model.ts";
import type { Candidate } from "../state/alert-state.ts";

/** So far above the threshold an alert opens at once; nearer to it, the next step must say the same. */
export const SURE = 2;

/**
 * Whether the rows that hold at least half of a region's hash rate speak against its fall (likelihood ratio below 1): however
 * well the others fit, it is then not named.
 *
 * @param support log-likelihood ratio per row of the model
 * @param reference H/s per row
 */
export function isOpposed(
  { rows, weight }: RegionRows,
  support: ArrayLike<number>,
  reference: ArrayLike<number>,
  counted: Uint8Array,
): boolean {
  let whole = 0;
  let against = 0;
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!;
    if (!counted[row]) continue;
    const hashrate = weight[k]! * reference[row]!;
    whole += hashrate;
    if (support[row]! < 0) against += hashrate;
  }
  return whole > 0 && against >= whole / 2;
}

/**
 * A witness never opens an alert that figures do not carry by themselves: without witnesses the region must stand so far,
 * in nats, above every rival explanation that is no region.
 */
const CARRIED_BY_FIGURES = 3;

/** Whether figures alone carry the region that leads. @param without the posterior without what witnesses said */
export function isCarriedByFigures(found: Posterior, without: Posterior | undefined): boolean {
  if (without === undefined) return true;
  const lead = without.regions.find((entry) => entry.index === found.regions[0]?.index);
  return lead !== undefined && lead.score >= without.rivals + CARRIED_BY_FIGURES;
}

/** Probability by the region's place in the model, the likeliest first. */
function probabilities(found: Posterior): Map<number, number> {
  const whole = found.total + Math.log1p(Math.exp(Math.min(50, found.rivals - found.total)));
  return new Map(found.regions.map((entry) => [entry.index, Math.exp(entry.score - whole)]));
}

/** Probabilities of the regions against each other and against every rival explanation. */
export function candidatesOf(found: Posterior, names: readonly string[], without?: Posterior): Candidate[] {
  const bare = without === undefined ? null : probabilities(without);
  return [...probabilities(found)]
    .map(([index, probability]) => ({
      region: names[index]!,
      probability,
      ...(bare === null ? {} : { withoutWitnesses: bare.get(index) ?? 0 }),
    }))
    .filter((entry) => entry.probability >= LISTED_PROBABILITY)
    .slice(0, MOST_LISTED);
}

/**
 * More of a fall that is open already is no new alert, so open regions stand among the rivals here.
 */
export function verdict(
  found: Posterior | undefined,
  names: readonly string[],
  openRegions: ReadonlySet<string>,
  threshold: number,
  margin: number,
): "no" | "weak" | "sure" {
  if (!found) return "no";
  const isOpen = (entry: { readonly index: number }): boolean => openRegions.has(names[entry.index]!);
  const best = found.regions[0];
  if (!best || isOpen(best)) return "no";
  const score = logSum(found.regions.filter((entry) => !isOpen(entry)).map((entry) => entry.score));
  const rivals = logSum([found.rivals, ...found.regions.filter(isOpen).map((entry) => entry.score)]);
  if (score < threshold || score < rivals + margin) return "no";
  return score >= threshold + SURE ? "sure" : "weak";
}
