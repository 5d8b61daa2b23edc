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
  /** What figures alone say; absent where no witness was heard. */
  withoutWitnesses?: number;
  /** False of a region that the weights do not have; absent of all others. */
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
  /** Ticks in a row that the end has been seen. */
  ending: number;
}

export interface RegionAlert extends AlertBase {
  scope: "region";
  /** What it was opened by. */
  scale: "fast" | "slow" | "blocks";
  /** Null while ambiguous. */
  region: string | null;
  /** The leading region, named or not: whose effect is taken out. */
  leading: string;
  candidates: Candidate[];
  /** Slot and ramp that fit best: the template that is taken out of the innovations. */
  onset: number;
  ramp: number;
  /** Fitted fall per row, relative to the scale's reference. */
  fall: number[];
  /** The same in H/s, and the level before the fall. */
  fallHashrate: number[];
  base: number[];
  lost: Interval & { networkShare: number };
  drop: Interval;
  /** What the last event said, to judge what is material. */
  published: { region: string | null; lost: number; drop: number; low: number; high: number; startedAt: number };
  /** Fraction of the fitted fall that is still there, smoothed, and its largest value. */
  remaining: number;
  peak: number;
  /** Whether the pools that hold half of the leading region speak against it: then it is not named. */
  opposed?: boolean;
  /** Whether this alert took the place of one that had named another region: a name changes once. */
  renamed?: boolean;
  /** Ticks in a row that another region led, or none did. */
  doubt: number;
  settled: boolean;
  /** Levels that the size of the fall was last fitted to, as sums per row; absent while innovations decide. */
  levels?: { at: number; a: number[]; b: number[]; reference: number[] };
  /** Ticks in a row that more was gone than was fitted. */
  growing?: number;
  /** What was lost when it last deepened, and when, ms: a new normal is counted from there. */
  steady?: { lost: number; since: number };
  logOdds: number;
  /** Sums per row of what its innovations say of the fall: A and B at the onset and ramp that fit best. */
  seen?: { a: number[]; b: number[]; reference: number[] };
  /** Set when the fall was accepted: what is left of the region's configured weights. */
  regime?: number;
  /** The strongest explanation that witnesses gave, and of which region; absent while there is none. */
  cause?: CauseHint & { region: string };
  evidence: { pool: string; region?: string; expected: number; observed: number; score: number }[];
}

export interface PoolAlert extends AlertBase {
  scope: "pool";
  row: number;
  pool: string;
  base: number;
  /** H/s, with its 90 % interval, and what the last event said of it. */
  lost: Interval;
  published: number;
  /** Log-likelihood ratio of the row's own fall against none. */
  score: number;
  /** What was lost when it was last looked at again, and when, ms. */
  seen?: { at: number; lost: number };
  cause: { hint: "pool-outage" | "pool-migration"; why: string };
}

export interface NetworkAlert extends AlertBase {
  scope: "network";
  base: number;
  drop: number;
  /** 90 % interval of the drop; absent in states of before. */
  dropLow?: number;
  dropHigh?: number;
}

export interface SourceAlert extends AlertBase {
  scope: "source";
  source: string | null;
  verdict: "stale" | "blind";
}

export type OpenAlert = RegionAlert | PoolAlert | NetworkAlert | SourceAlert;

/** A fall of everything that is remembered. */
export interface RememberedNetworkFall {
  /** Data time, ms. */
  onset: number;
  /** Of the fast scale's ramps. */
  ramp: number;
  /** Of every row, 0..1. */
  drop: number;
  /** When it became known, ms. */
  since: number;
}

/** A regional alert before anything is known of it. */
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
  /** How much it explains: a verified finding 3, a signal 2, a price or servers that are gone 1, a daily habit 0.8, miners that left 0.5, nothing 0. */
  readonly rank: number;
}
