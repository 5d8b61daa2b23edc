/** Every number the block evidence is built on, with its reason. */

import { DAY_MS, HOUR_MS } from "../../model/time-units.ts";
import { OUTLIER_PART } from "./likelihood.ts";

export interface BlockSettings {
  /** Onsets that are tried, as times before the newest block, ms. */
  readonly windowsMs: readonly number[];
  /** Drops of the region that are tried. */
  readonly drops: readonly number[];
  /** Blocks younger than this are kept one by one and never teach the baseline. */
  readonly guardMs: number;
  /** Age at which a block weighs 1/e in the baseline. */
  readonly memoryMs: number;
  /** Relative standard deviation of a pool's rate beyond luck: the wander between the baseline and now. */
  readonly wander: number;
  /** Part of the counts that is unrelated to regions. */
  readonly outlierPart: number;
  /** Full days of baseline that are needed before the guard for a first score. */
  readonly warmDays: number;
  /** Most blocks that are kept. */
  readonly maxBlocks: number;
  /** Likelihood ratio at which an alert opens, times the budget of false openings in 30 days. */
  readonly oddsTimesBudget: number;
  /** Nats by which a region's log-likelihood ratio must exceed every rival's. */
  readonly margin: number;
  /** Log-likelihood ratio at which the end of a fall is believed. */
  readonly recovery: number;
}

export const BLOCK_SETTINGS: BlockSettings = {
  // Beyond four days shares drift by more than falls take.
  windowsMs: [6, 9, 12, 18, 24, 36, 48, 72, 96].map((hours) => hours * HOUR_MS),
  drops: [0.2, 0.3, 0.4, 0.5, 0.7],
  // The longest window: a fall must not hide itself.
  guardMs: 4 * DAY_MS,
  // Shares of pools wander by some 3 % a week: older blocks say little about now.
  memoryMs: 10 * DAY_MS,
  wander: 0.05,
  outlierPart: OUTLIER_PART,
  warmDays: 12,
  // A chain of one block a minute fills it in 4.5 days; a faster one gets a shorter guard.
  maxBlocks: 6_500,
  // A mean of likelihood ratios over onsets and drops has expectation 1 while nothing happens, so how often it passes A
  // falls at least like 1/A (Ville 1939; Shiryaev and Roberts for moving onsets): A = constant / budget. The constant is set
  // so that in simulated years with wandering shares, exits, moves, outages, relabellings, dips of the network and gaps fewer
  // than one opens a year under the default budget of 1.2: 0.60 and 0.65 in two fleets, 20 years each (test/bench/blocks).
  oddsTimesBudget: 5.5,
  margin: 1,
  // A fall that is still there looks over once in twenty (e^3).
  recovery: 3,
};

/** Losses of a single pool or an operator's pools that are tried, with equal prior probability. */
export const POOL_LOSSES: readonly number[] = [0.2, 0.3, 0.4, 0.5, 0.7, 0.9];

/** Losses of the whole network that are tried. */
export const NETWORK_LOSSES: readonly number[] = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5];

/** Mean of the exponential prior of a network-wide loss: price and difficulty switch off some percent, rarely a fifth. */
export const NETWORK_LOSS_MEAN = 0.06;

/** Mean block intervals of silence after which the feed counts as dead: probability e^-18 with all hash rate, e^-9 with half. */
export const SILENT_INTERVALS = 18;

/** Mean block intervals between evaluations: an hour for Bitcoin, short against the day that a fall takes to show. */
export const EVALUATION_INTERVALS = 6;

/** Block interval assumed where the model says none. */
export const DEFAULT_BLOCK_SECONDS = 600;

/** Number of refused rows in a row after which the memory itself counts as wrong and restarts. */
export const MAX_STRIKES = 36;
