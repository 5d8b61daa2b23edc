/** Numbers of the standard normal distribution. */

/** Half width of a 90 % interval, in standard deviations: 5 % lie above it. */
export const Z_90 = 1.645;

/** Standard deviation of a normal variable over the median of its absolute deviations. */
export const SD_PER_MAD = 1.4826;

/** Gauss-Hermite quadrature with three nodes, in standard deviations: exact for polynomials of degree five. */
export const GAUSS_HERMITE = [
  { at: -Math.sqrt(3), mass: 1 / 6 },
  { at: 0, mass: 2 / 3 },
  { at: Math.sqrt(3), mass: 1 / 6 },
] as const;
