/** The three rules, each from where it is published or commonly written. */
import type { Rule } from "./rival.ts";

const DAY_MS = 86_400_000;

/** The dashboard rule: the region's weighted sum is more than 10 % under its median of the last 24 hours. */
export const regionalSum: Rule = {
  name: "weighted regional sum",
  windowMs: DAY_MS,
  excess: (value, trailing) => 0.9 - value / trailing.median(),
};

/** IODA's shape (Georgia Tech): the signal is under a fraction of its median of the last seven days; here under 0.9. */
export const fractionOfMedian: Rule = {
  name: "fraction of 7-day median (IODA)",
  windowMs: 7 * DAY_MS,
  excess: (value, trailing) => 0.9 - value / trailing.median(),
};

/** Makes a median absolute deviation estimate the standard deviation of a normal distribution. */
const NORMAL_SCALE = 1.4826;
const BANDS = 3;

/** Robust bands of Grafana's PromQL anomaly detection: under the median of 24 hours by three scaled median deviations. */
export const medianBands: Rule = {
  name: "median ± 3 MAD (Grafana)",
  windowMs: DAY_MS,
  excess: (value, trailing) => {
    const spread = NORMAL_SCALE * trailing.deviation();
    // A series that has not moved at all has no band.
    return spread > 0 ? (trailing.median() - value) / spread - BANDS : 0;
  },
};

export const RULES: readonly Rule[] = [regionalSum, fractionOfMedian, medianBands];
