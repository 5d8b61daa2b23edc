/**
 * How likely a pool's block count is. Given its true rate a count is Poisson; the rate is known from a finite baseline and
 * drifts, so it is Gamma, and the count negative binomial. A part of all counts obeys something else altogether (blocks
 * relabelled, a pool that closes or merges): a geometric distribution, so broad that one pool can never carry a region.
 */
import { floatAt, itemAt } from "../model/elements.ts";

/** Part of counts that have nothing to do with regions. A count's log-likelihood ratio cannot leave about +-ln(1/this). */
export const OUTLIER_PART = 0.03;

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
] as const;

/** ln Gamma(x) for x > 0; Lanczos with g = 7, about 15 digits. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const y = x - 1;
  let sum = 0.9999999999998099;
  for (let i = 0; i < LANCZOS.length; i++) sum += itemAt(LANCZOS, i) / (y + i + 1);
  const t = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Counts up to here are multiplied up: cheaper than three gamma functions. */
const FEW = 16;

/** ln P(n) of the negative binomial with this mean and shape (variance = mean + mean^2 / shape). */
export function logNegativeBinomial(n: number, mean: number, shape: number): number {
  if (n <= FEW) {
    let ways = 1;
    for (let i = 0; i < n; i++) ways *= ((shape + i) / (i + 1)) * (mean / (shape + mean));
    return Math.log(ways) + shape * Math.log(shape / (shape + mean));
  }
  return (
    logGamma(n + shape) -
    logGamma(shape) -
    logGamma(n + 1) +
    shape * Math.log(shape / (shape + mean)) +
    n * Math.log(mean / (shape + mean))
  );
}

/** ln P(n) of the geometric distribution on 0, 1, 2, ... with this mean. */
export function logGeometric(n: number, mean: number): number {
  return n * Math.log(mean / (1 + mean)) - Math.log1p(mean);
}

/** Remaining parts q on which a pool's ratio is tabulated; linear between them (error under 1 %). */
export const GRID = 50;
const Q = Float64Array.from({ length: GRID + 1 }, (_, i) => Math.max(i, 0.25) / GRID);
const LOG_Q = Q.map((q) => Math.log(q));

/**
 * Writes (1-o) NB(n; e q, k) / [(1-o) NB(n; e, k) + o G(n; e)] for q = 0, 1/50, ... 1 into `table` from `offset` on, o the
 * outlier part, and returns o G(n; e) over the same denominator. Their sum is the pool's likelihood ratio.
 */
export function tabulateRatio(
  n: number,
  expected: number,
  shape: number,
  outlierPart: number,
  table: Float64Array,
  offset: number,
): number {
  const e = Math.max(expected, 1e-9);
  const standing = Math.log(1 - outlierPart) + logNegativeBinomial(n, e, shape);
  const outlier = Math.log(outlierPart) + logGeometric(n, e);
  const top = Math.max(standing, outlier);
  const denominator = top + Math.log(Math.exp(standing - top) + Math.exp(outlier - top));
  const base = standing - denominator + (n + shape) * Math.log(shape + e);
  for (let i = 0; i <= GRID; i++) {
    table[offset + i] = Math.exp(base + n * floatAt(LOG_Q, i) - (n + shape) * Math.log(shape + e * floatAt(Q, i)));
  }
  return Math.exp(outlier - denominator);
}
