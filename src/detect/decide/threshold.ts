/**
 * The threshold, from a budget of false alarms and from nothing else.
 *
 * Let R be the sum over onsets of the mean likelihood ratio of "a region fell there". When nothing happens, R(t) - t is a
 * martingale (every new onset adds a ratio whose expectation is 1), so the mean time until R first reaches h is at least
 * h steps (Shiryaev 1963, Roberts 1966; Pollak, Annals of Statistics 13, 1985, for mixtures over what falls and by how
 * much). With a budget of b false openings in 30 days, h = (steps in 30 days) / b therefore keeps it. The budget is
 * shared between the time scales. Onsets that are forgotten only lower R.
 *
 * The bound is not reached: R passes h by a leap, so that the mean time is h over the mean of h / R there (Pollak, Annals of
 * Statistics 15, 1987), which is about exp(-0.583 s) when the evidence comes in steps of s standard deviations (Siegmund,
 * Sequential Analysis, 1985), 0.56 for one. LEAP takes that back. Besides, an opening must beat every rival by a margin.
 *
 * The bound is on the model; that noise is as modelled is checked by simulation (test/false-alarms) and on one's own history by
 * `hashfall replay --calibrate`.
 */
import { DAY_SECONDS } from "../../model/time-units.ts";

/** How the budget is divided: most falls are fast, and a fall of days can wait some hours longer. */
export const BUDGET_SHARE = { fast: 0.9, slow: 0.1 } as const;

/** Mean time until R passes h, over h: 1 / 0.58. */
const LEAP = 1.7;

/** Log of the score at which a scale opens. `share`: its part of the budget. */
export function logThreshold(falseAlarmsPerMonth: number, stepSeconds: number, share: number): number {
  const steps = (30 * DAY_SECONDS) / stepSeconds;
  return Math.max(2, Math.log(steps / (LEAP * Math.max(falseAlarmsPerMonth * share, 1e-6))));
}
