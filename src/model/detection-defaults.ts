/**
 * Settings of detection that a configuration may leave out, each with the reason for its value. The detector and the
 * configuration's schema both read them here, so a model that says nothing is a configuration that says nothing.
 */
import { NAMED_PROBABILITY } from "./candidates.ts";
import { DAY_SECONDS, MINUTE_SECONDS } from "./time-units.ts";

/** A value for falls within hours (`fast`), and one for falls over days (`slow`). */
export interface PerScale<T> {
  readonly fast: T;
  readonly slow: T;
}

export interface DailyHabit {
  /** Whether a fall that a region shows day after day at this hour opens no alert. */
  readonly withhold: boolean;
  /** Days that make a habit: so many of the last three, or so many of the last seven with one of the last three among them. */
  readonly ofLastThree: number;
  readonly ofLastSeven: number;
}

/** Probability from which an alert names its region, 0..1. */
export const DEFAULT_NAME_PROBABILITY = NAMED_PROBABILITY;

/**
 * Nats by which a fall of some region must beat all other explanations together: 2 nats are odds of 7 to 1, 3 nats of 20 to 1.
 * The slow scale has days to be sure in.
 */
export const DEFAULT_MARGIN: PerScale<number> = { fast: 2, slow: 3 };

/**
 * Seconds that an opening waits which could name no region. Most become clear in that time, and those that do not were seldom
 * falls.
 */
export const DEFAULT_PATIENCE_SECONDS: PerScale<number> = { fast: 30 * MINUTE_SECONDS, slow: DAY_SECONDS };

/** Part of a fall that levels must show once it is older than a few steps. Slow drifts, which filters mistake for falls, show less. */
export const DEFAULT_LEVEL_CHECK = 0.45;

/** Curtailment that follows the price of power comes on most days, seldom on all of them. */
export const DEFAULT_DAILY_HABIT: DailyHabit = { withhold: true, ofLastThree: 2, ofLastSeven: 3 };

/** A fall that is still there after a day is no incident any more: its severity rises by one step. */
export const DEFAULT_RAISE_AFTER_SECONDS = DAY_SECONDS;
