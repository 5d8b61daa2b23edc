/**
 * Likelihood of one row under one hypothesis, from its sums A and B alone.
 *
 * A row's fall c (relative to its level) enters the innovations linearly, so the likelihood ratio of "fell by c" against
 * "stood" is exp(c A - c^2 B / 2). With c ~ N(m, V), m = weight x drop:
 *     E(m, V) = -ln(1 + V B) / 2 + (m A + V A^2 / 2 - m^2 B / 2) / (1 + V B)
 * The weight's error sits in V, once per event and not once per step, so odds between regions saturate instead of growing.
 * A row's influence over the whole event is bounded: it may have an outage of its own, with an onset of its own
 * (`row-outages.ts`), whatever the region does.
 */
/**
 * Spread of troubles of its own: four sizes, equally likely. The widest is for the first steps of a slow ramp, where a
 * sudden outage looks like many times the pool.
 */
const OWN_SPREADS = [0.03 ** 2, 0.12 ** 2, 0.5 ** 2, 5 ** 2] as const;
/** What a scale presumes of every row: chance of trouble of its own, and variance of an apparent step that is nothing. */
export interface RowPrior {
  readonly own: number;
  readonly wander: number;
}

/** Chance that a weight is far worse known than its sd says, and how much worse. */
export const LOOSE_WEIGHT = 0.08;
export const LOOSE_VARIANCE_FACTOR = 2.5 ** 2;
/** Where no onset is asked for (levels), no row says more than this by itself, nats. */
export const MOST_ROW_NATS = 6;
const MOST_ROW_RATIO = Math.exp(MOST_ROW_NATS);

/** exp(E(m, V) - shift). */
function marginal(a: number, b: number, m: number, v: number, shift: number): number {
  const k = 1 / (1 + v * b);
  return Math.sqrt(k) * Math.exp((m * a + 0.5 * v * a * a - 0.5 * m * m * b) * k - shift);
}

/** What does not depend on the hypothesis, per row: the shift of its exponents, its own part, and the whole of its null. */
export interface RowNulls {
  readonly shift: Float64Array;
  readonly own: Float64Array;
  readonly whole: Float64Array;
  /** Most that the row's ratio may be. */
  readonly most: Float64Array;
}

export function emptyNulls(rows: number): RowNulls {
  return {
    shift: new Float64Array(rows),
    own: new Float64Array(rows),
    whole: new Float64Array(rows).fill(1),
    most: new Float64Array(rows).fill(Number.POSITIVE_INFINITY),
  };
}

/** Likelihood ratio of trouble of a row's own at just this onset and ramp, its mean over the sizes, times exp(-shift). */
export function ownMarginal(a: number, b: number, shift: number): number {
  let sum = 0;
  for (let k = 0; k < OWN_SPREADS.length; k++) sum += marginal(a, b, 0, OWN_SPREADS[k]!, shift);
  return sum / OWN_SPREADS.length;
}

/**
 * Part of that trouble which outages are at least, whatever shape was asked for: an outage comes in any shape. It is about what
 * the rate of outages gives at just one onset, 3 steps of 2e-4 to 2 %.
 */
const LEAST_TROUBLE = 0.03;

/** Exponents below this need no shift. */
const SAFE_EXPONENT = 30;

/**
 * Fills row `i` for its sums A, B. The shift keeps every exponent at most zero.
 *
 * @param logOutage log of the row's own outages near the onset (`row-outages.ts`); they weigh no more than trouble at just this
 *   onset with the prior's chance. Where rows are no series in time it is left out, and that trouble is what is weighed.
 */
export function setNull(a: number, b: number, prior: RowPrior, nulls: RowNulls, i: number, logOutage?: number): void {
  const peak = b > 0 ? (a * a) / (2 * b) : 0;
  const shift = peak > SAFE_EXPONENT ? peak : 0;
  const trouble = prior.own * ownMarginal(a, b, shift);
  // Of a large fall every row fits another onset or ramp far better, because no fall has just the shape that is asked for.
  const own =
    logOutage === undefined
      ? trouble
      : Math.min(trouble, Math.max(LEAST_TROUBLE * trouble, Math.exp(logOutage - shift)));
  nulls.shift[i] = shift;
  nulls.own[i] = own;
  nulls.most[i] = logOutage === undefined ? MOST_ROW_RATIO : Number.POSITIVE_INFINITY;
  nulls.whole[i] = Math.max(1e-290, (1 - prior.own) * marginal(a, b, 0, prior.wander, shift) + own);
}

/**
 * The same for a fall of everything. Through a window that is not what it is taken for, a pool answers to it unlike the others,
 * and that is no outage: the row may differ with the prior's chance, which is more than that of its own outages.
 */
export function setAlike(
  a: number,
  b: number,
  prior: RowPrior,
  nulls: RowNulls,
  i: number,
  logOutage: number | undefined,
): void {
  setNull(a, b, prior, nulls, i, logOutage);
  if (logOutage !== undefined) nulls.own[i] = prior.own * ownMarginal(a, b, nulls.shift[i]!);
}

/**
 * Likelihood ratio of a fall c ~ N(m, variance) of row `i` against its null, bounded on both sides. `loose`: chance that the
 * variance is far larger than said, LOOSE_WEIGHT for weights; 0 where nothing rests on a weight.
 */
export function rowRatio(
  a: number,
  b: number,
  m: number,
  variance: number,
  prior: RowPrior,
  nulls: RowNulls,
  i: number,
  loose = LOOSE_WEIGHT,
): number {
  const shift = nulls.shift[i]!;
  let regional = marginal(a, b, m, variance + prior.wander, shift);
  if (loose > 0)
    regional += loose * (marginal(a, b, m, LOOSE_VARIANCE_FACTOR * variance + prior.wander, shift) - regional);
  return Math.min(nulls.most[i]!, ((1 - prior.own) * regional + nulls.own[i]!) / nulls.whole[i]!);
}

/** Log of a sum of exponentials without overflow; -Infinity without values. */
export function logSum(values: ArrayLike<number>): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < values.length; k++) if (values[k]! > top) top = values[k]!;
  if (top === Number.NEGATIVE_INFINITY) return top;
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += Math.exp(values[k]! - top);
  return top + Math.log(sum);
}

/** A row is left out when the hypothesis predicts less than this for it, in standard deviations. */
const SILENT = 0.02;
const SAFE_PRODUCT = 1e100;

/**
 * Sum of the members' log ratios of a fall of `size`, each member's own within `relativeSd` of it. The product is carried as
 * long as it is a safe number and its log taken rarely.
 */
export function logProduct(
  members: Int32Array,
  size: number,
  relativeSd: number,
  a: Float64Array,
  b: Float64Array,
  offset: number,
  counted: Uint8Array,
  prior: RowPrior,
  nulls: RowNulls,
  loose?: number,
): number {
  const variance = (relativeSd * size) ** 2;
  const least = (SILENT / size) ** 2;
  let product = 1;
  let log = 0;
  for (let k = 0; k < members.length; k++) {
    const i = members[k]!;
    const information = b[offset + i]!;
    if (counted[i] === 0 || !(information > least)) continue;
    product *= rowRatio(a[offset + i]!, information, size, variance, prior, nulls, i, loose);
    if (product > SAFE_PRODUCT || product < 1 / SAFE_PRODUCT) {
      log += Math.log(product);
      product = 1;
    }
  }
  return log + Math.log(product);
}
