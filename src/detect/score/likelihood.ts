/**
 * Likelihood of one row under one hypothesis, from its sums A and B alone.
 *
 * A row's fall c (relative to its level) enters the innovations linearly, so the likelihood ratio of "fell by c" against
 * "stood" is exp(c A - c^2 B / 2). With c ~ N(m, V), m = weight x drop:
 *     E(m, V) = -ln(1 + V B) / 2 + (m A + V A^2 / 2 - m^2 B / 2) / (1 + V B)
 * The weight's error sits in V, once per event and not once per step, so odds between regions saturate instead of growing.
 * A row's influence over the whole event is bounded: with probability OWN it does something of its own, whatever the region does.
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
const LOOSE = 0.08;
const LOOSE_FACTOR = 2.5 ** 2;
/** No row may say more than this by itself, however its own troubles are modelled: e^6. */
const MOST = Math.exp(6);

/** exp(E(m, V) - shift). */
function marginal(a: number, b: number, m: number, v: number, shift: number): number {
  const k = 1 / (1 + v * b);
  return Math.sqrt(k) * Math.exp((m * a + 0.5 * v * a * a - 0.5 * m * m * b) * k - shift);
}

/** What does not depend on the hypothesis: [shift, own part, whole of the null]. */
export interface RowNull {
  shift: number;
  own: number;
  whole: number;
}

/** Fills `into` for sums A, B. The shift keeps every exponent at most zero. */
export function rowNull(a: number, b: number, prior: RowPrior, into: RowNull): void {
  const peak = b > 0 ? (a * a) / (2 * b) : 0;
  const shift = peak > 30 ? peak : 0;
  let sum = 0;
  for (const spread of OWN_SPREADS) sum += marginal(a, b, 0, spread, shift);
  into.shift = shift;
  into.own = (prior.own * sum) / OWN_SPREADS.length;
  into.whole = Math.max(1e-290, (1 - prior.own) * marginal(a, b, 0, prior.wander, shift) + into.own);
}

/**
 * Likelihood ratio of a fall c ~ N(m, variance) against the null, bounded on both sides. `loose`: chance that the variance
 * is far larger than said, LOOSE for weights; 0 where nothing rests on a weight.
 */
export function rowRatio(
  a: number,
  b: number,
  m: number,
  variance: number,
  prior: RowPrior,
  known: RowNull,
  loose = LOOSE,
): number {
  let regional = marginal(a, b, m, variance + prior.wander, known.shift);
  if (loose > 0) {
    regional += loose * (marginal(a, b, m, LOOSE_FACTOR * variance + prior.wander, known.shift) - regional);
  }
  return Math.min(MOST, ((1 - prior.own) * regional + known.own) / known.whole);
}
