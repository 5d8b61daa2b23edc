/**
 * Scores of hypotheses from counts. For a pool with n blocks where e were expected, a fall that leaves q of its rate has
 *
 *   ratio = [(1-o) NB(n; e q, k) + o G(n; e)] / [(1-o) NB(n; e, k) + o G(n; e)]
 *
 * with NB negative binomial of shape k, G geometric, o the outlier part; q is averaged over the doubt about the weight.
 * A hypothesis multiplies over pools. Its score is the log of the MEAN over windows and sizes: a mean of ratios is a Bayes
 * factor with expectation one while nothing happens, a maximum is neither.
 */
import { addTo, byteAt, floatAt, itemAt, uintAt } from "../model/elements.ts";
import { GAUSS_HERMITE } from "../model/normal.ts";
import { GRID, logGeometric, logNegativeBinomial, tabulateRatio } from "./likelihood.ts";
import type { Network } from "./network.ts";
import type { Tally } from "./tally.ts";

/** The ratios of every span x slot, tabulated once for all hypotheses. */
export interface Ratios {
  readonly spans: number;
  readonly slots: number;
  readonly tables: Float64Array;
  readonly outliers: Float64Array;
}

export function ratiosOf(counts: Tally, outlierPart: number, learn = true): Ratios {
  const { spans, slots, observed, expected, shapes, observedBefore, expectedBefore } = counts;
  const tables = new Float64Array(spans * slots * (GRID + 1));
  const outliers = new Float64Array(spans * slots);
  for (let cell = 0; cell < spans * slots; cell++) {
    const shape = floatAt(shapes, cell % slots);
    const known = learn
      ? beforehand(floatAt(observedBefore, cell), floatAt(expectedBefore, cell), shape, outlierPart)
      : { rate: 1, shape, outlierPart };
    const e = floatAt(expected, cell) * known.rate;
    outliers[cell] = tabulateRatio(
      floatAt(observed, cell),
      e,
      known.shape,
      known.outlierPart,
      tables,
      cell * (GRID + 1),
    );
  }
  return { spans, slots, tables, outliers };
}

/**
 * What the blocks between the guard's beginning and a window's start say of a pool: its rate against the baseline, how well
 * that is now known (Gamma and Poisson are conjugate), and how likely the pool obeys something else since before the
 * window: one that closed or changed its name days ago must not speak for a fall of today.
 */
function beforehand(
  n: number,
  expected: number,
  shape: number,
  outlierPart: number,
): { rate: number; shape: number; outlierPart: number } {
  const e = Math.max(expected, 1e-9);
  const logOdds = Math.log(outlierPart / (1 - outlierPart)) + logGeometric(n, e) - logNegativeBinomial(n, e, shape);
  // Never under the part that any pool may begin to be an outlier at any time, and never quite sure of one.
  const part = Math.min(0.999, Math.max(outlierPart, 1 / (1 + Math.exp(-logOdds))));
  return { rate: (shape + n) / (shape + e), shape: shape + n, outlierPart: part };
}

/** Likelihood ratio of one slot under one hypothesis, 1 where it is not touched. */
function ratioOf(ratios: Ratios, templates: Templates, cell: number, template: number): number {
  const end = uintAt(templates.starts, template + 1);
  let tap = uintAt(templates.starts, template);
  if (tap === end) return 1;
  let ratio = floatAt(ratios.outliers, cell);
  for (; tap < end; tap++) {
    ratio +=
      floatAt(templates.weights, tap) * floatAt(ratios.tables, cell * (GRID + 1) + byteAt(templates.indices, tap));
  }
  return ratio;
}

/** Its logarithm. */
export function slotRatio(
  ratios: Ratios,
  templates: Templates,
  span: number,
  slot: number,
  hypothesis: number,
): number {
  return Math.log(ratioOf(ratios, templates, span * ratios.slots + slot, slot * templates.hypotheses + hypothesis));
}

/** Slots whose ratios are multiplied before a logarithm is taken: ratios of one pool stay within e^+-12. */
const PRODUCT = 16;

/** Log-likelihood ratio of every span x hypothesis: the sum over the slots that are given, over all by default. */
export function spanRatios(ratios: Ratios, templates: Templates, slots?: readonly number[]): Float64Array {
  const { hypotheses } = templates;
  const sums = new Float64Array(ratios.spans * hypotheses);
  const products = new Float64Array(hypotheses).fill(1);
  const count = slots?.length ?? templates.slots;
  for (let span = 0; span < ratios.spans; span++) {
    for (let i = 0; i < count; i++) {
      const slot = slots?.[i] ?? i;
      const cell = span * ratios.slots + slot;
      for (let h = 0; h < hypotheses; h++)
        products[h] = floatAt(products, h) * ratioOf(ratios, templates, cell, slot * hypotheses + h);
      if (i % PRODUCT !== PRODUCT - 1 && i !== count - 1) continue;
      for (let h = 0; h < hypotheses; h++) {
        addTo(sums, span * hypotheses + h, Math.log(floatAt(products, h)));
        products[h] = 1;
      }
    }
  }
  return sums;
}

/** Log of the mean ratio over spans and the hypotheses [from, from + prior.length), weighed by `prior`, which sums to one. */
export function meanScore(sums: Float64Array, hypotheses: number, from: number, prior: readonly number[]): number {
  const spans = sums.length / hypotheses;
  let total = 0;
  for (let span = 0; span < spans; span++) {
    for (let size = 0; size < prior.length; size++) {
      total += itemAt(prior, size) * Math.exp(floatAt(sums, span * hypotheses + from + size));
    }
  }
  return Math.log(total / spans);
}

/** A prior that weighs everything alike. */
export function alike(sizes: number): number[] {
  return Array.from({ length: sizes }, () => 1 / sizes);
}

/** Which grid points every hypothesis reads of every slot, and with which weights: none where it does not touch it. */
export interface Templates {
  readonly hypotheses: number;
  readonly slots: number;
  /** Where the points of (slot, hypothesis) begin, hypotheses fastest; one more at the end. */
  readonly starts: Uint32Array;
  readonly indices: Uint8Array;
  readonly weights: Float64Array;
}

/** Every region x drop, drops fastest. `doubt` 0 takes the weights as exact. */
export function regionTemplates(network: Network, drops: readonly number[], doubt: 0 | 1 = 1): Templates {
  return build(network.pools.length, network.regions.length * drops.length, (slot, hypothesis) => {
    const region = itemAt(network.regions, Math.floor(hypothesis / drops.length));
    const drop = itemAt(drops, hypothesis % drops.length);
    const share = network.share(slot, region);
    const sd = network.doubt(slot, region) * doubt;
    return share > 0 ? GAUSS_HERMITE.map(({ at }) => 1 - (share + at * sd) * drop) : [];
  });
}

/** A loss of every slot's own, be it one pool's or all pools'. */
export function lossTemplates(slots: number, losses: readonly number[]): Templates {
  return build(slots, losses.length, (_slot, hypothesis) => GAUSS_HERMITE.map(() => 1 - itemAt(losses, hypothesis)));
}

/** `remains` gives what is left at every node, or nothing. Nodes of one grid cell share its two points. */
function build(
  slots: number,
  hypotheses: number,
  remains: (slot: number, hypothesis: number) => readonly number[],
): Templates {
  const starts = new Uint32Array(slots * hypotheses + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  for (let cell = 0; cell < slots * hypotheses; cell++) {
    const points = new Map<number, number>();
    remains(Math.floor(cell / hypotheses), cell % hypotheses).forEach((remain, node) => {
      const position = Math.min(1, Math.max(0, remain)) * GRID;
      const below = Math.min(GRID - 1, Math.floor(position));
      const add = (point: number, part: number): void => {
        if (part > 0) points.set(point, (points.get(point) ?? 0) + itemAt(GAUSS_HERMITE, node).mass * part);
      };
      add(below, below + 1 - position);
      add(below + 1, position - below);
    });
    for (const [point, weight] of points) {
      indices.push(point);
      weights.push(weight);
    }
    starts[cell + 1] = indices.length;
  }
  return { hypotheses, slots, starts, indices: Uint8Array.from(indices), weights: Float64Array.from(weights) };
}
