/** Whether a judgement opens a regional alert, and with which name. */

import type { Candidate } from "../lifecycle/open-alert.ts";
import type { Posterior } from "../score/posterior.ts";

/** Every other explanation must be this much less likely (log odds of 20 to 1). */
export const MARGIN = 3;
/** So far above the threshold an alert opens at once; nearer to it, the next step must say the same. */
export const SURE = 2;
/** A region is named from this probability on; below it candidates are listed. */
export const NAMED = 0.8;

/** Probabilities of the regions against each other and against every rival explanation. */
export function candidatesOf(found: Posterior, names: readonly string[]): Candidate[] {
  const whole = found.total + Math.log1p(Math.exp(Math.min(50, found.rivals - found.total)));
  return found.regions
    .map((entry) => ({ region: names[entry.index]!, probability: Math.exp(entry.score - whole) }))
    .filter((entry) => entry.probability >= 0.01)
    .slice(0, 8);
}

export function verdict(
  found: Posterior | undefined,
  names: readonly string[],
  openRegions: ReadonlySet<string>,
  threshold: number,
): "no" | "weak" | "sure" {
  if (!found) return "no";
  const best = found.regions[0];
  if (!best || openRegions.has(names[best.index]!)) return "no";
  if (found.total < threshold || found.total < found.rivals + MARGIN) return "no";
  return found.total >= threshold + SURE ? "sure" : "weak";
}
