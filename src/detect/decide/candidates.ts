/** Whether an evaluation opens a regional alert, and with which name. */

import { LISTED_PROBABILITY, MOST_LISTED } from "../../model/candidates.ts";
import { OTHER_REGION } from "../../model/region.ts";
import { logSum } from "../hypotheses/likelihood.ts";
import type { Posterior } from "../hypotheses/posterior.ts";
import type { RegionPosterior } from "../hypotheses/region.ts";
import { splitUnlisted } from "../hypotheses/unlisted-region.ts";
import type { RegionRows } from "../model/score-model.ts";
import type { Candidate } from "../state/alert-state.ts";

/** An alert opens at once when it is this far above the threshold, nats. Nearer to it the next step must agree. */
export const SURE = 2;

/**
 * Whether the rows that hold at least half of a region's hash rate are evidence against its fall (likelihood ratio below 1). The
 * region is then not named, however well the other rows fit.
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
 * Nats by which "a region fell" must beat every explanation that is no region, without witnesses. So a witness never opens an
 * alert that the figures do not carry by themselves.
 */
const CARRIED_BY_FIGURES = 3;

/** Probabilities by the region's index in the model, likeliest first. */
function probabilities(
  found: Posterior,
  total: number,
  scoreOf: (entry: RegionPosterior) => number,
): Map<number, number> {
  const whole = logSum([total, found.rivals]);
  return new Map(found.regions.map((entry) => [entry.index, Math.exp(scoreOf(entry) - whole)]));
}

/** Probabilities of the regions against each other and against every rival explanation. */
export function candidatesOf(found: Posterior, names: readonly string[]): Candidate[] {
  const bare = found.isWitnessed
    ? probabilities(found, found.totalWithoutWitnesses, ({ withoutWitnesses }) => withoutWitnesses)
    : null;
  const regions = [...probabilities(found, found.total, ({ score }) => score)].map(([index, probability]) => ({
    region: names[index]!,
    probability,
    ...(bare === null ? {} : { withoutWitnesses: bare.get(index) ?? 0 }),
  }));
  const split = splitUnlisted(regions, found.unlisted);
  // "A region without weights" is no name. The next likeliest region is listed beside it, however unlikely.
  const least = split[0]?.region === OTHER_REGION ? 2 : 0;
  return split.filter(({ probability }, k) => k < least || probability >= LISTED_PROBABILITY).slice(0, MOST_LISTED);
}

/** The evidence that an opening needs. */
export interface Bar {
  /** Log evidence that some region fell, from the budget of false alarms. */
  readonly threshold: number;
  /** Nats above all rival explanations together. */
  readonly margin: number;
}

/** Whether the leading explanation is a region that is open already. */
export function isOpenAlready(found: Posterior, names: readonly string[], openRegions: ReadonlySet<string>): boolean {
  const best = found.regions[0];
  return best !== undefined && openRegions.has(names[best.index]!);
}

/**
 * Nats by which an open region's further fall is likelier than another region's fall within the same hours (20 to 1): sites
 * go off one after the other, and the size was not yet known.
 */
const FALLS_FURTHER = 3;

/**
 * Whether an evaluation opens an alert that some region fell, whichever it was. Regions that are open already count as rivals,
 * because more of the same fall is no new alert. Witnesses count only where the figures carry the alert.
 */
export function verdict(
  found: Posterior | undefined,
  names: readonly string[],
  openRegions: ReadonlySet<string>,
  { threshold, margin }: Bar,
): "no" | "weak" | "sure" {
  if (!found) return "no";
  const isOpen = (entry: RegionPosterior): boolean => openRegions.has(names[entry.index]!);
  const best = found.regions[0];
  if (!best || isOpen(best)) return "no";
  const fresh = found.regions.filter((entry) => !isOpen(entry));
  const open = found.regions.filter(isOpen);
  const score = logSum(fresh.map((entry) => entry.score));
  const rivals = logSum([found.rivals, ...open.map((entry) => entry.score + FALLS_FURTHER)]);
  if (score < threshold || score < rivals + margin) return "no";
  const figures = logSum(fresh.map(({ withoutWitnesses }) => withoutWitnesses));
  const figuresRivals = logSum([found.rivals, ...open.map(({ withoutWitnesses }) => withoutWitnesses + FALLS_FURTHER)]);
  const least = figures >= threshold ? margin : CARRIED_BY_FIGURES;
  if (found.isWitnessed && figures < figuresRivals + least) return "no";
  return score >= threshold + SURE ? "sure" : "weak";
}
