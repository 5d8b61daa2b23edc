/**
 * "A region without weights": one explanation for the fall of any unlisted region, so that its fall is not attributed to the listed
 * ones. Its share of a pool is a part of what the pool's weights leave (OTHER), with a large error. It is scored like a region, and
 * only a witness can say which region it is.
 */
import { OTHER_REGION } from "../../model/region.ts";
import type { Candidate } from "../state/alert-state.ts";

/** One unlisted region's part of what a pool's weights leave, and its relative error: a broad guess. */
const PART = 0.5;
const RELATIVE_SD = 0.8;
/** Where no pool's weights leave more than this, they list every region that matters. */
const LEFT_OVER_WORTH = 0.03;

/** The weight of an unlisted region in a pool whose weights leave `rest`, 0..1; null where it could not show. */
export function unlistedWeight(rest: number): { readonly weight: number; readonly sd: number } | null {
  return rest >= LEFT_OVER_WORTH ? { weight: PART * rest, sd: RELATIVE_SD * PART * rest } : null;
}

/** Nats that witnesses add to "an unlisted region fell": the mean over countries with witnesses and one without. */
export function unlistedNats(countries: readonly number[]): number {
  const sum = countries.reduce((total, nats) => total + Math.exp(nats), 1);
  return Math.log(sum / (countries.length + 1));
}

/**
 * Tells the unlisted region's probability apart among the countries that witnesses speak of. What no witness speaks for stays
 * with OTHER.
 *
 * @param nats log ratio per country that is heard
 */
export function splitUnlisted(candidates: readonly Candidate[], nats: ReadonlyMap<string, number>): Candidate[] {
  const split = candidates.flatMap((entry) => {
    if (entry.region !== OTHER_REGION) return [entry];
    // Silent countries are among the others.
    const speaking = [...nats].filter(([, each]) => each > 0);
    const whole = speaking.reduce((sum, [, each]) => sum + Math.exp(each), 1 + nats.size - speaking.length);
    const parts = speaking.map(([region, each]) => ({ region, part: Math.exp(each) / whole }));
    const { withoutWitnesses } = entry;
    const alike = 1 / (nats.size + 1);
    const of = (region: string, part: number, bare: number): Candidate => ({
      region,
      probability: entry.probability * part,
      ...(withoutWitnesses === undefined ? {} : { withoutWitnesses: withoutWitnesses * bare }),
      inWeights: false,
    });
    const told = parts.reduce((sum, { part }) => sum + part, 0);
    return [
      ...parts.map(({ region, part }) => of(region, part, alike)),
      of(OTHER_REGION, 1 - told, 1 - alike * parts.length),
    ];
  });
  return split.sort((x, y) => y.probability - x.probability || (x.region < y.region ? -1 : 1));
}
