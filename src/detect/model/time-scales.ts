/** The two time scales: steps of the sampling interval for falls within hours, steps of six hours for crackdowns of days. */
import { DEFAULT_MARGIN } from "../../model/detection-defaults.ts";
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from "../../model/time-units.ts";
import type { ScaleSpec } from "../filter/bank.ts";

/** Oldest onset of the fast scale; a slower fall is the slow scale's. */
const FAST_ONSET_SECONDS = 9 * HOUR_SECONDS;

/** At intervals of a minute six hours must do: state stays small. */
const MOST_ONSET_STEPS = 360;

/** Falls within minutes to hours, at the network's own interval. */
export function fastScale(intervalSeconds: number, margin = DEFAULT_MARGIN.fast): ScaleSpec {
  return {
    name: "fast",
    stepSeconds: intervalSeconds,
    rampSeconds: [0, 30 * MINUTE_SECONDS, 90 * MINUTE_SECONDS, 4 * HOUR_SECONDS],
    rampPrior: [0.4, 0.3, 0.2, 0.1],
    maxAge: Math.min(MOST_ONSET_STEPS, Math.max(12, Math.round(FAST_ONSET_SECONDS / intervalSeconds))),
    noiseModels: [1 * HOUR_SECONDS, 4 * HOUR_SECONDS].flatMap((fastSeconds) =>
      [0.15, 0.5, 1.5].map((noise) => ({ fastSeconds, noise, walkPerDay: 1.5 })),
    ),
    unknownWindows: [intervalSeconds, 15 * MINUTE_SECONDS, HOUR_SECONDS, 3 * HOUR_SECONDS],
    own: 0.02,
    // One in 16 days, 2e-4 in five minutes: more than large pools have, about what small ones have.
    outagesPerDay: 0.3,
    widePrior: 0.4,
    margin,
    priorSd: 0.01,
    // Two days, so that the noise of a working day and of a quiet one are both remembered.
    memorySeconds: 2 * DAY_SECONDS,
    // Off on this scale: windows are known here, and a restart would lose half of a three-hour window's return.
    restartRise: Number.POSITIVE_INFINITY,
    wander: 0.002 ** 2,
  };
}

export const SLOW_STEP_SECONDS = 6 * HOUR_SECONDS;
/** The slow scale uses daily medians, so that daily curtailment is no fall. */
export const SLOW_WINDOW_SECONDS = DAY_SECONDS;

export const slowScale: ScaleSpec = {
  name: "slow",
  stepSeconds: SLOW_STEP_SECONDS,
  rampSeconds: [0, 1 * DAY_SECONDS, 2 * DAY_SECONDS, 4 * DAY_SECONDS, 6 * DAY_SECONDS],
  rampPrior: [0.1, 0.2, 0.25, 0.25, 0.2],
  maxAge: 48,
  // Over days a pool's share wanders and does not come back: a level that reverts would call every drift a fall.
  noiseModels: [3, 10].map((walkPerDay) => ({ fastSeconds: 6 * HOUR_SECONDS, noise: 0.3, walkPerDay })),
  unknownWindows: [DAY_SECONDS],
  // Over days more pools have events of their own than over hours, and shares drift by about a percent.
  own: 0.05,
  outagesPerDay: 0.1,
  // Prices and difficulty move all pools within hours; for days together they rarely fall.
  widePrior: 0.3,
  margin: DEFAULT_MARGIN.slow,
  priorSd: 0.004,
  memorySeconds: 10 * DAY_SECONDS,
  // Medians jump.
  restartRise: 6,
  wander: 0.008 ** 2,
};
/** Averaging window of a daily median for the filter: a median follows a step once half of its day is past. */
export const SLOW_FILTER_SECONDS = DAY_SECONDS / 2;
