/** Every number the block evidence is built on, with its reason. */

import { DAY_MS, HOUR_MS } from "../../model/time-units.ts";
import { OUTLIER_PART } from "./likelihood.ts";

export interface BlockSettings {
  /** Onsets tried: a fall began this long before the newest block. */
  readonly windowsMs: readonly number[];
  /** Drops tried, of the region. */
  readonly drops: readonly number[];
  /** Blocks younger than this are kept one by one and never teach the baseline. */
  readonly guardMs: number;
  /** Age at which a block weighs 1/e in the baseline. */
  readonly memoryMs: number;
  /** Relative standard deviation of a pool's rate beyond luck: the wander between the baseline and now. */
  readonly wander: number;
  /** Part of counts that have nothing to do with regions. */
  readonly outlierPart: number;
  /** Full days of baseline needed behind the guard before anything is scored. */
  readonly warmDays: number;
  /** Kept blocks at most. */
  readonly maxBlocks: number;
  /** Likelihood ratio at which an alert opens, times the budget of false openings in 30 days. */
  readonly oddsTimesBudget: number;
  /** Log of what a region's likelihood ratio must exceed that of every rival by. */
  readonly margin: number;
  /** Log-likelihood ratio for the end of a fall at which it is believed. */
  readonly recovery: number;
}

export const BLOCK_SETTINGS: BlockSettings = {
  // Beyond four days shares drift more than falls show.
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
  // One in twenty that a fall still there looks gone.
  recovery: 3,
};

/** Losses tried of a single pool or an operator's pools, alike in weight. */
export const POOL_LOSSES: readonly number[] = [0.2, 0.3, 0.4, 0.5, 0.7, 0.9];

/** Losses tried of the whole network. */
export const NETWORK_LOSSES: readonly number[] = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5];

/** Mean of the exponential prior of a fall of everything at once: price and difficulty switch off some percent, hardly a fifth. */
export const NETWORK_LOSS_MEAN = 0.06;

/** Mean block intervals of silence after which the feed is thought dead: chance e^-18 with all hash rate, e^-9 with half. */
export const SILENT_INTERVALS = 18;

/** Mean block intervals between evaluations: an hour for Bitcoin, little against the day that a fall takes to show. */
export const EVALUATION_INTERVALS = 6;

/** Block interval assumed where the model says none. */
export const DEFAULT_BLOCK_SECONDS = 600;

/** Rows refused in a row after which the memory itself is taken to be wrong and starts anew. */
export const MAX_STRIKES = 36;
