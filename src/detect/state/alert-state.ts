/** An open alert as the state keeps it. Times in ms, hash rates in H/s. */
import type { Severity } from "../../model/alert.ts";

export interface Interval {
  estimate: number;
  low: number;
  high: number;
}

export interface Candidate {
  region: string;
  probability: number;
  /** Probability from figures alone; absent where no witness was heard. */
  withoutWitnesses?: number;
  /** False for a region without weights; absent for all others. */
  inWeights?: false;
}

interface AlertBase {
  id: string;
  revision: number;
  severity: Severity;
  openedAt: number;
  startedAt: number;
  startedAtLow: number;
  startedAtHigh: number;
  updatedAt: number;
  /** Ticks in a row that showed the end. */
  ending: number;
}

export interface RegionAlert extends AlertBase {
  scope: "region";
  /** The scale, or blocks, that opened it. */
  scale: "fast" | "slow" | "blocks";
  /** Null while ambiguous. */
  region: string | null;
  /** The leading region, named or not. Its effect is subtracted from the statistics. */
  leading: string;
  candidates: Candidate[];
  /** Onset, ms, and ramp that fit best: the template that is subtracted from the innovations. */
  onset: number;
  ramp: number;
  /** Fitted fall per row, relative to the scale's reference. */
  fall: number[];
  /** The same in H/s, and the level before the fall. */
  fallHashrate: number[];
  base: number[];
  lost: Interval & { networkShare: number };
  drop: Interval;
  /** The figures of the last event, to decide whether an update is due. */
  published: { region: string | null; lost: number; drop: number; low: number; high: number; startedAt: number };
  /** Fraction of the fitted fall that is still there, smoothed, and its largest value. */
  remaining: number;
  peak: number;
  /** Whether pools with half of the leading region's hash rate are evidence against it. It is then not named. */
  opposed?: boolean;
  /** Whether this alert replaced one that had named another region. A name changes at most once. */
  renamed?: boolean;
  /** Fits in a row in which another region led, or none did. */
  doubt: number;
  settled: boolean;
  /** Statistics of the levels that the size was last fitted to, per row; absent while innovations decide. */
  levels?: { at: number; a: number[]; b: number[]; reference: number[] };
  /** Ticks in a row that showed a larger fall than fitted. */
  growing?: number;
  /** Loss when the fall last deepened, H/s, and when, ms. The time to a new normal counts from there. */
  steady?: { lost: number; since: number };
  logOdds: number;
  /** Sufficient statistics per row (A and B) at the onset and ramp that fit best. */
  seen?: { a: number[]; b: number[]; reference: number[] };
  /** Set when the fall was accepted as the new normal: remaining part of the region's configured weights, 0..1. */
  regime?: number;
  /** The strongest cause that witnesses gave, with its region; absent while there is none. */
  cause?: CauseHint & { region: string };
  evidence: { pool: string; region?: string; expected: number; observed: number; score: number }[];
}

export interface PoolAlert extends AlertBase {
  scope: "pool";
  row: number;
  pool: string;
  base: number;
  /** Loss with its 90 % interval, and as the last event published it, H/s. */
  lost: Interval;
  published: number;
  /** Log-likelihood ratio of the row's own fall against none. */
  score: number;
  /** Loss at the last check for an update, H/s, and when, ms. */
  seen?: { at: number; lost: number };
  cause: { hint: "pool-outage" | "pool-migration"; why: string };
}

export interface NetworkAlert extends AlertBase {
  scope: "network";
  base: number;
  drop: number;
  /** 90 % interval of the drop; absent in older states. */
  dropLow?: number;
  dropHigh?: number;
}

export interface SourceAlert extends AlertBase {
  scope: "source";
  source: string | null;
  verdict: "stale" | "blind";
}

export type OpenAlert = RegionAlert | PoolAlert | NetworkAlert | SourceAlert;

/** A network-wide fall in memory. */
export interface RememberedNetworkFall {
  /** Data time, ms. */
  onset: number;
  /** Index of the fast scale's ramp. */
  ramp: number;
  /** Relative fall of every row, 0..1. */
  drop: number;
  /** When it became known, ms. */
  since: number;
}

/** A regional alert with empty figures. */
export function emptyAlert(id: string, at: number, scale: RegionAlert["scale"]): RegionAlert {
  return {
    scope: "region",
    id,
    revision: 0,
    severity: "info",
    openedAt: at,
    startedAt: at,
    startedAtLow: at,
    startedAtHigh: at,
    updatedAt: at,
    ending: 0,
    scale,
    region: null,
    leading: "",
    candidates: [],
    onset: at,
    ramp: 0,
    fall: [],
    fallHashrate: [],
    base: [],
    lost: { estimate: 0, low: 0, high: 0, networkShare: 0 },
    drop: { estimate: 0, low: 0, high: 0 },
    published: { region: null, lost: 0, drop: 0, low: 0, high: 0, startedAt: at },
    remaining: 1,
    peak: 1,
    doubt: 0,
    settled: false,
    logOdds: 0,
    evidence: [],
  };
}

export interface CauseHint {
  readonly hint: "connectivity" | "curtailment" | "pool-outage" | "unknown";
  readonly why: string;
  /**
   * How much it explains: a verified finding 3, a signal 2, a price or servers that are gone 1, a daily habit 0.8, miners that
   * left 0.5, nothing 0.
   */
  readonly rank: number;
}
