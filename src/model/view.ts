/** What the detector believes at one tick: shown on the page, in /metrics, over REST and the socket. */

/** ok, or why a network's findings are limited. `warming`: baselines are not filled; `blind`: most sources failed at once. */
export const NETWORK_STATES = ["ok", "warming", "degraded", "blind"] as const;
export type NetworkState = (typeof NETWORK_STATES)[number];

/** What a network's findings are worth now: the detector's state, unless its newest tick is overdue or nothing answers. */
export interface NetworkStatus {
  readonly network: string;
  readonly state: NetworkState;
  /** Data time ms at which detection begins; while warming. */
  readonly warmAt?: number;
  /** One line for a person, where the state is not the detector's own. */
  readonly why?: string;
}

export interface RegionEstimate {
  readonly region: string;
  /** H/s believed to be running now; absent when unknown. */
  readonly hashrate?: number;
  /** H/s expected when nothing had fallen; absent when unknown. */
  readonly expected?: number;
  /** 0..1, lost against expectation; absent when unknown. */
  readonly drop?: number;
  /** Best log posterior odds of a fall of this region against every other explanation; absent when unknown. */
  readonly score?: number;
  /** The smallest falls that would be told now; absent when unknown. */
  readonly detectable?: Detectable;
}

/** Smallest drops (0..1) of a region that would be told within a time; null where even all of it would not be. */
export interface DetectableDrops {
  /** Listed, or named. */
  readonly listed: number | null;
  readonly named: number | null;
}

/** The same within an hour and within a day. */
export interface Detectable {
  readonly hour: DetectableDrops;
  readonly day: DetectableDrops;
}

export interface PoolEstimate {
  readonly pool: string;
  /** The newest accepted figure, H/s. */
  readonly hashrate?: number;
  readonly expected?: number;
  /** Standardised innovation of the newest figure. */
  readonly residual?: number;
  /** Data time of the newest accepted figure, ms. */
  readonly sampledAt?: number;
  readonly state: "ok" | "warming" | "stale" | "missing" | "rejected";
  /** When a warming pool will be warm if its rows keep coming, data time ms. */
  readonly warmAt?: number;
}

export interface SourceVerdict {
  readonly source: string;
  readonly verdict: "ok" | "stale" | "blind";
}

/** What falls have taught of the weights. */
export interface LearnedWeights {
  /** Counts every change; what stands after the `+` of an event's `configHash`. */
  readonly revision: number;
  readonly labels: readonly {
    readonly alert: string;
    /** What fell; null where nothing did. */
    readonly region: string | null;
    readonly by: "person" | "witness";
    /** When it fell, data time ms. */
    readonly startedAt: number;
  }[];
  /** Learned weights beside the configured ones, in order of region and pool. */
  readonly weights: readonly {
    readonly region: string;
    readonly pool: string;
    readonly weight: number;
    readonly sd: number;
  }[];
}

export interface NetworkView {
  readonly network: string;
  /** Tick, data time ms. */
  readonly at: number;
  readonly state: NetworkState;
  /** Said while `warming`: data time ms at which detection begins if rows keep coming. */
  readonly warmAt?: number;
  /** Sum of the accepted pool figures, H/s; absent when unknown. */
  readonly hashrate?: number;
  readonly regions: readonly RegionEstimate[];
  readonly pools: readonly PoolEstimate[];
  readonly sources: readonly SourceVerdict[];
  /** Rows that the gate refused at this tick, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Absent while nothing was learned, or learning is off. */
  readonly learned?: LearnedWeights;
}
