/** Sizes of falls that are scored, and how likely each is before anything was seen. */
/** Drops of a region. Above 1: weights that are too small for a whole column of a region look like that. */
export const DROPS = [0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.35] as const;
export const DROP_PRIOR = [0.6, 0.8, 1, 1, 1, 1, 1, 1, 1, 0.8, 0.35, 0.15];
export const DROP_TOTAL = DROP_PRIOR.reduce((a, b) => a + b);

/** Sizes of a fall of everything, close enough together for how alike pools are in it. */
export const WIDE = Array.from({ length: 20 }, (_, k) => 0.012 * 1.23 ** k);
/** How far pools differ in a fall of everything, relative to it: prices and difficulty reach all alike. */
export const WIDE_SD = 0.08;
/** Not every dip has a shape that a ramp has, and through different windows it then looks unlike; in this part of all dips. */
export const WIDE_LOOSE = 0.3;
/**
 * How unlike, relative to each size: a quarter of a small dip, never more than 0.75 % of the pools. A large fall that takes
 * one pool a quarter more than the next is not of everything, but of a region that most have.
 */
export const WIDE_LOOSE_SDS = WIDE.map((size) => Math.max(WIDE_SD, Math.min(0.25, 0.0075 / size)));

/** Sizes of a fall shared by an operator's pools. */
export const SHARED = [0.1, 0.2, 0.35, 0.55, 0.8, 1] as const;
export const SHARED_PRIOR = 0.5;
export const SHARED_SD = 0.25;
