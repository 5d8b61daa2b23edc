/**
 * From the apparent drop (the pools' falls divided by the configured weights) to the region's drop. All weights of a region may
 * be wrong by one common factor k, which pool figures cannot show: apparent = k x drop, ln k ~ N(0, COLUMN_SD^2), drop <= 1.
 * The factor is integrated out, so the interval contains the uncertainty of the region's share.
 */

import { floatAt, itemAt } from "../model/elements.ts";
import { DROP_PRIOR, DROPS } from "../model/grids.ts";
import type { Interval } from "../state/alert-state.ts";

/** Relative standard deviation of that factor: mining maps of different months differ by about this. */
export const COLUMN_SD = 0.2;

const STEPS = 100;
const COLUMN_NODES = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2];

/** Posterior mass of the apparent drop (grid DROPS) -> median and 90 % interval of the drop. */
export function dropInterval(mass: Float64Array, columnSd = COLUMN_SD): Interval {
  const likelihood = DROPS.map((_, k) => Math.max(floatAt(mass, k) / itemAt(DROP_PRIOR, k), 1e-12));
  const at = (apparent: number): number => {
    if (apparent <= DROPS[0]) return itemAt(likelihood, 0) * (apparent / DROPS[0]);
    let k = 0;
    while (k < DROPS.length - 2 && itemAt(DROPS, k + 1) < apparent) k++;
    if (apparent > itemAt(DROPS, DROPS.length - 1)) return 1e-12;
    const t = (apparent - itemAt(DROPS, k)) / (itemAt(DROPS, k + 1) - itemAt(DROPS, k));
    return Math.exp((1 - t) * Math.log(itemAt(likelihood, k)) + t * Math.log(itemAt(likelihood, k + 1)));
  };
  const post = new Float64Array(STEPS);
  let total = 0;
  for (let n = 0; n < STEPS; n++) {
    const drop = (n + 0.5) / STEPS;
    let sum = 0;
    for (const z of COLUMN_NODES) sum += Math.exp(-0.5 * z * z) * at(drop * Math.exp(z * columnSd));
    post[n] = sum;
    total += sum;
  }
  const quantile = (q: number): number => {
    let sum = 0;
    for (let n = 0; n < STEPS; n++) {
      const next = sum + floatAt(post, n) / total;
      if (next >= q) return (n + (q - sum) / (next - sum)) / STEPS;
      sum = next;
    }
    return 1;
  };
  return { estimate: quantile(0.5), low: quantile(0.05), high: quantile(0.95) };
}
