/** Sizes of falls that are scored, and their priors. */
/** Drops of a region. Values above 1 allow for weights of a region that are all too small. */
export const DROPS = [0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.35] as const;
export const DROP_PRIOR = [0.6, 0.8, 1, 1, 1, 1, 1, 1, 1, 0.8, 0.35, 0.15];
export const DROP_TOTAL = DROP_PRIOR.reduce((a, b) => a + b);

/** Sizes of a network-wide fall, spaced more closely than pools differ in one. */
export const WIDE = Array.from({ length: 20 }, (_, k) => 0.012 * 1.23 ** k);
/** Relative difference of pools in a network-wide fall: prices and difficulty affect all alike. */
export const WIDE_SD = 0.08;
/** Part of network-wide falls that are not shaped like a ramp, so that pools with different windows look unequal. */
export const WIDE_LOOSE = 0.3;
/**
 * Relative difference of pools in those, per size: a quarter of a small dip, never more than 0.75 % of the pool. A large fall that
 * takes a quarter more from one pool than from the next is not network-wide, but of a region that most pools have.
 */
export const WIDE_LOOSE_SDS = WIDE.map((size) => Math.max(WIDE_SD, Math.min(0.25, 0.0075 / size)));

/** Sizes of a fall shared by an operator's pools. */
export const SHARED = [0.1, 0.2, 0.35, 0.55, 0.8, 1] as const;
export const SHARED_PRIOR = 0.5;
export const SHARED_SD = 0.25;
