/** What a scenario states and what it draws. Times are data milliseconds, hash rates H/s, shares and drops fractions. */
import type { Random } from "../world/random.ts";

/** How a pool's public figure comes about. */
export interface PoolFigure {
  /** `sliding`: mean of the last `seconds`; `servers`: one ckpool instance per region with decaying averages. */
  readonly kind: "sliding" | "servers";
  readonly seconds: number;
  /** The figure changes at multiples of this. */
  readonly refreshSeconds: 60 | 300;
}

/** Whose format the simulator shows a pool's figure in. */
export type PoolApi = "foundry" | "antpool" | "viabtc" | "binance" | "ckpool" | "miningcore" | "reported";

export interface PoolSpec {
  readonly id: string;
  /** The pool's slug in mempool. */
  readonly slug: string;
  readonly name: string;
  /** mempool's `poolUniqueId` of the pool. */
  readonly uniqueId: number;
  /** Of the network's hash rate. */
  readonly share: number;
  /** Absent: the pool is seen by its blocks alone. */
  readonly figure?: PoolFigure;
  /** Present where `figure` is. */
  readonly api?: PoolApi;
  /** Multiplies the network's regional shares to what is typical of this pool; a region left out counts 1. */
  readonly lean?: Readonly<Record<string, number>>;
}

/** A corner of a region's surviving fraction over time; straight lines between corners. */
export interface Corner {
  readonly at: number;
  readonly alive: number;
}

/** Ground truth: a fall of one region. */
export interface RegionalEvent {
  readonly region: string;
  readonly start: number;
  /** When the last of it had come back; null: it never did. */
  readonly end: number | null;
  readonly drop: number;
  readonly rampMinutes: number;
}

/** What one seed makes of a scenario. */
export interface Story {
  readonly curves: Readonly<Record<string, readonly Corner[]>>;
  /** Shares of single pools in single regions that the reported falls force; the rest is drawn around the priors. */
  readonly shares: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly events: readonly RegionalEvent[];
}

/** A fall of a pool that was reported, and the span over which it was. */
export interface ReportedFall {
  readonly pool: string;
  readonly fall: number;
  /** Data times: mean over the first pair against mean over the second pair. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  readonly source: string;
}

export interface Scenario {
  readonly name: string;
  /** Always begins with "RECONSTRUCTION" or "SYNTHETIC": no pool-by-minute series of those days is public. */
  readonly label: string;
  readonly sources: readonly string[];
  /** File in config/demo that a demo of this scenario runs with, without its extension. */
  readonly config: "bitcoin-2021" | "bitcoin-2022";
  readonly startsAt: number;
  /** Where serving begins unless told otherwise; two days of history lie before it. */
  readonly servesFrom: number;
  readonly endsAt: number;
  readonly hashrate: number;
  /** The real chain at `startsAt`: the next height, its difficulty, and when its difficulty epoch began. */
  readonly chain: {
    readonly nextHeight: number;
    readonly difficulty: number;
    readonly previousDifficulty: number;
    readonly epochStartedAt: number;
  };
  /** Shares of the network by region in this world's truth; drawn around, per pool. */
  readonly regions: Readonly<Record<string, number>>;
  readonly pools: readonly PoolSpec[];
  /** Regions whose fall is one of the internet: witnesses see it there. */
  readonly cutOff?: readonly string[];
  /** Things per day that look like a regional fall and are none. */
  readonly confoundersPerDay: number;
  readonly reportedFalls: readonly ReportedFall[];
  draw(random: Random): Story;
}
