/**
 * Blocks as evidence: which region fell, inferred from how many blocks each pool found. Made by `createBlockEvidence`
 * (`block-evidence.ts`), called by the detector. Pure: no clock; every function is told the time. All times are data time
 * in milliseconds, regions and pools are named as in the model.
 *
 * What the caller does at every tick:
 *   1. `observe(state, at, rows)` with ALL block rows of the tick, also those of pools that the configuration does not
 *      know: every block is exposure, and a height that is not passed on counts as missing data.
 *   2. `due(state, at)`: whether it is time for the next evaluation (a block came, and the last one was an hour ago); if so
 *      `evaluate` and, for a network of blocks alone, `decide`.
 *   3. `hold` when an alert opens or its drop is fitted anew, `end` when it closes, so that an outage never teaches the
 *      baseline and other regions stay watched.
 */
import type { BlockSample } from "../../model/sample.ts";

/** Opaque; lives inside the detector's state. Mutated in place by the functions that take it. */
export interface BlockState {
  readonly kind: "blocks";
}

/** How many block rows of a tick were used or refused. */
export interface BlockIntake {
  readonly accepted: number;
  /** Heights that were known already: a second source, or a repeated row. */
  readonly duplicates: number;
  /** Below everything that is kept block by block: too late to be put in order. */
  readonly late: number;
  /** Height or difficulty that cannot be (not an integer, not positive, a jump no chain makes). */
  readonly refused: number;
}

/** A fall whose effect is taken out of the expectation from `since` on: an open alert of ANY evidence, blocks or figures. */
export interface HeldFall {
  readonly region: string;
  /** 0..1 of the region. */
  readonly drop: number;
  readonly since: number;
}

/** How a held fall ends. `recovered`: from `endedAt` on all is as before; `new-regime`: the fall is the new normal;
 * `retracted`: it never was. */
export type FallEnd =
  | { readonly kind: "recovered"; readonly endedAt: number }
  | { readonly kind: "new-regime" }
  | { readonly kind: "retracted" };

/**
 * `none`: no block ever; `ok`; `silent`: no block for so long that the feed is thought dead. Silence is never a fall:
 * exposure ends at the newest block, and grows by the silence only once the next height shows that nothing was missed.
 */
export type BlockFeed = "none" | "ok" | "silent";

/** One row of the likelihood: a pool over a span of time. Figures are blocks. */
export interface PoolCount {
  readonly pool: string;
  readonly observed: number;
  /** Expected without a (further) fall: baseline rate in hash times time over difficulty, held falls taken out. */
  readonly expected: number;
  /** 1/shape of the negative binomial: variance = expected + overdispersion * expected^2. */
  readonly overdispersion: number;
}

/** Fitted size of one hypothesis, from blocks alone. low and high are 90 % intervals. */
export interface BlockFit {
  readonly region: string;
  readonly drop: { readonly estimate: number; readonly low: number; readonly high: number };
  /** Lost hash rate over the network's expected one, 0..1. Multiply by the network's hash rate for H/s. */
  readonly lostShare: { readonly estimate: number; readonly low: number; readonly high: number };
  /** H/s, from difficulty x 2^32 x expected blocks; absent when no difficulty is known. */
  readonly lostHashrate: { readonly estimate: number; readonly low: number; readonly high: number };
  readonly onset: { readonly estimate: number; readonly low: number; readonly high: number };
  /** Per pool since the onset: what `evidence` of an alert shows (`unit: "blocks"`). Largest score first. */
  readonly evidence: readonly (PoolCount & { readonly score: number })[];
}

/** Another explanation, scored the same way. `name` is the pool's or the operator's. */
export interface BlockRival {
  readonly kind: "pool" | "operator" | "network";
  readonly name?: string;
  readonly score: number;
}

export interface RegionScore {
  readonly region: string;
  /** Log of the mean likelihood ratio over (onset, drop) against "nothing happened". */
  readonly score: number;
  /** `score` minus that of the best rival: a pool, an operator's pools, or all pools (other regions are not rivals). */
  readonly margin: number;
  /** Which region, given that a region fell: parts of the likelihood ratios above one, equal priors. Sums to 1 over regions. */
  readonly probability: number;
}

export interface BlockEvaluation {
  readonly at: number;
  readonly feed: BlockFeed;
  /** Newest block, absent when none. */
  readonly lastBlockAt?: number;
  /** False while the baseline holds too little: then no score is computed and `regions` is empty. */
  readonly warm: boolean;
  /** When it will be warm if blocks keep coming; absent when warm or when no block ever came. */
  readonly warmAt?: number;
  /** In the model's order of regions (`regions` of the evidence), OTHER left out. */
  readonly regions: readonly RegionScore[];
  readonly rivals: readonly BlockRival[];
}

/** What blocks say of a network that has nothing else; figures included so that the lifecycle can use it as it stands. */
export type BlockOpinion =
  /** Open an alert. `ambiguous` when no region reaches probability 0.8; then `candidates` decides. */
  | {
      readonly kind: "open";
      readonly region: string;
      readonly score: number;
      readonly margin: number;
      readonly ambiguous: boolean;
      readonly candidates: readonly { readonly region: string; readonly probability: number }[];
      readonly fit: BlockFit;
    }
  /** A held fall goes on; `fit` with the newest figures. */
  | { readonly kind: "keep"; readonly region: string; readonly fit: BlockFit; readonly recovery: number }
  /** A held fall is over. */
  | {
      readonly kind: "resolve";
      readonly region: string;
      /** `retracted`: what came before the end was no fall either. */
      readonly resolution: "recovered" | "retracted";
      readonly endedAt: number;
      readonly recovery: number;
    };

export interface BlockEvidence {
  /** Regions that are scored, in the order of every array here. */
  readonly regions: readonly string[];
  /** Drops that are scored. */
  readonly drops: readonly number[];
  /** What `decide` opens at, derived from the budget. */
  readonly threshold: number;

  initial(): BlockState;
  observe(state: BlockState, at: number, rows: readonly BlockSample[]): BlockIntake;
  /** True when a block came since the last `evaluate` and that was six block intervals ago (an hour for Bitcoin). */
  due(state: BlockState, at: number): boolean;
  evaluate(state: BlockState, at: number): BlockEvaluation;
  /** Opinions on everything held, and at most one `open` (the best region; the others are scored again with it held). */
  decide(state: BlockState, evaluation: BlockEvaluation): readonly BlockOpinion[];

  /**
   * Log-likelihood ratio of "this region fell by this drop at `onset` and is still down" against "nothing fell", for every
   * region x drop (`regions.length * drops.length`, drops fastest), each pool's influence bounded: to be ADDED to the
   * score of the same hypothesis from pool figures. Zero everywhere while cold. Onsets older than the kept blocks
   * (4 days) are taken as the oldest kept one.
   */
  logRatios(state: BlockState, onset: number, drops?: readonly number[]): Float64Array;
  /** The same for one pool alone losing `loss` of its rate (a rival hypothesis). */
  poolLogRatio(state: BlockState, onset: number, pool: string, loss: number): number;
  /** The same for all pools together. */
  networkLogRatio(state: BlockState, onset: number, loss: number): number;
  /**
   * The rows behind it, in the model's order of pools, for a caller that bounds a pool's influence over figures and blocks
   * together.
   */
  counts(state: BlockState, onset: number): readonly PoolCount[];
  /** Fit of one region; `onset` fixes the onset instead of fitting it. Null while cold. */
  fit(state: BlockState, region: string, onset?: number): BlockFit | null;
  /**
   * Evidence that a held region is back since some moment after its onset: log Bayes factor of "as before" against "three
   * quarters of the drop that the blocks until then tell are still missing", the largest over windows. `decide` resolves at
   * the recovery threshold. Zero when not held or cold. `wasDown` false: even until then blocks spoke against a fall.
   */
  recovery(
    state: BlockState,
    region: string,
  ): { readonly score: number; readonly since: number; readonly wasDown: boolean };

  /** Takes a fall's effect out of expectation and baseline; again with the same region replaces its drop and onset. */
  hold(state: BlockState, fall: HeldFall): void;
  end(state: BlockState, region: string, how: FallEnd): void;
  held(state: BlockState): readonly HeldFall[];

  /** Binary and bounded: about 10 kB for Bitcoin. */
  encode(state: BlockState): Uint8Array;
  /**
   * Pools are matched by name: new ones start cold, ones that are gone count as exposure. Throws `HashfallError`
   * `STATE_UNREADABLE`.
   */
  decode(bytes: Uint8Array): BlockState;
}
