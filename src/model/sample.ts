/** Samples: what sources say, tick by tick, and the NDJSON lines that `replay` reads and `export` and `simulate` write. */

import type { Fact } from "./fact.ts";
import type { LabelSample } from "./label.ts";
import { DAY_SECONDS } from "./time-units.ts";

/**
 * H/s that no pool, region or network of this century has: a thousand times all of Bitcoin's in 2025. One cap for every way
 * in (pools, pushed rows, files): above it some unit slipped, and far above it arithmetic loses what stands beside it.
 */
export const MAX_HASHRATE = 1e24;
/** The same for a block's difficulty: Bitcoin's was 1.5e14 in 2025. */
export const MAX_DIFFICULTY = 1e20;
/** No pool averages over more than a month. */
export const MAX_WINDOW_SECONDS = 31 * DAY_SECONDS;

/** How a figure came about. One quantity that reaches us in two ways enters the score once. */
export type Basis = "pool-reported" | "block-derived" | "server-location" | "miner-location" | "pool-home" | "modelled";

export const BASES: readonly Basis[] = [
  "pool-reported",
  "block-derived",
  "server-location",
  "miner-location",
  "pool-home",
  "modelled",
];

interface SampleBase {
  /** Data time in milliseconds; the tick that covers it is the tick the row belongs to. */
  readonly at: number;
  readonly pool: string;
  /** Which source said it, like `reported:antpool`; absent in hand-made files. */
  readonly source?: string;
  /** The upstream's own time of the figure (a block's header time), when it says one; milliseconds. */
  readonly observedAt?: number;
  /** History that was filled in afterwards: it warms baselines and never raises an alert. */
  readonly backfilled?: boolean;
}

/** A pool's hash rate, for all its miners, or for one region only when `region` is given. */
export interface RateSample extends SampleBase {
  readonly kind: "rate";
  /** H/s. Finite; zero is a value that a source really said (the quality gate judges it). */
  readonly hashrate: number;
  readonly region?: string;
  readonly basis?: Basis;
  /** Averaging window of this figure, when the source says one that differs from the configuration. */
  readonly windowSeconds?: number;
}

/** One block that a pool found. Missing heights are missing data. */
export interface BlockSample extends SampleBase {
  readonly kind: "block";
  readonly height: number;
  readonly difficulty: number;
}

/**
 * A tick that was polled, whatever came of it. An export carries it so that a replay runs the same empty ticks as the
 * live run did.
 */
export interface TickSample {
  readonly kind: "tick";
  readonly at: number;
}

/** What a witness said. It explains an alert, and never opens one or moves a score. */
export interface WitnessSample {
  readonly kind: "witness";
  /** Data time in milliseconds; the tick that covers it is the tick the row belongs to. */
  readonly at: number;
  /** The witness, like `ioda`. */
  readonly source: string;
  readonly fact: Fact;
  readonly backfilled?: boolean;
}

/** A row of a pool: what detection looks at. */
export type PoolSample = RateSample | BlockSample;

export type Sample = PoolSample | WitnessSample | LabelSample;
