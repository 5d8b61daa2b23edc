/** What the store keeps, and for whom. One real Redis behind all of it; every key carries one hash tag. */
import type { ExplainBundle } from "../detect/contract.ts";
import type { Ack } from "../model/ack.ts";
import type { AlertEvent, DeliveredAlert, Scope } from "../model/alert.ts";
import type { Sample } from "../model/sample.ts";
import type { Silence } from "../model/silence.ts";
import type { NetworkView } from "../model/view.ts";

/** Rows of one tick as they were stored. */
export interface StoredTick {
  readonly at: number;
  readonly rows: readonly Sample[];
  /** Real time at which the last of them was stored, ms. */
  readonly storedAt: number;
}

export interface AppendResult {
  readonly added: number;
  /** Number of rows dropped because (source, row, tick) was stored already. */
  readonly duplicates: number;
  /** Number of rows of a decided tick that are at most two intervals late: moved to the next tick, with `observedAt` kept. */
  readonly moved: number;
  /** Number of rows that were later than that and dropped. */
  readonly late: number;
}

export interface SampleStore {
  /**
   * Appends the rows of one tick, idempotent on (source, pool, region or height, tick). `rows` may be empty: the tick was
   * polled.
   */
  append(network: string, tick: number, intervalMs: number, rows: readonly Sample[]): Promise<AppendResult>;
  /** Ticks in order with everything stored after `cursor` for ticks up to and including `throughTick`, at most `limit` ticks. */
  readSince(
    network: string,
    cursor: string,
    throughTick: number,
    limit: number,
  ): Promise<{ ticks: readonly StoredTick[]; cursor: string; more: boolean }>;
  /** Everything stored in a span of data time, tick by tick, for `export`. */
  range(network: string, from: number, to: number): AsyncIterable<StoredTick>;
}

export interface StoredState {
  /** 0 when nothing was ever committed. */
  readonly version: number;
  /** Last decided tick, ms; 0 when none. */
  readonly tick: number;
  /** Sample cursor up to which rows were used. */
  readonly cursor: string;
  /** Null when nothing was ever committed; undefined when the caller keeps the state of `commitId` and did not ask. */
  readonly bytes: Uint8Array | null | undefined;
  /** Random identity of the commit that wrote this state; empty in states of earlier releases. */
  readonly commitId: string;
  readonly configHash: string;
  /** Rises with every configuration that took effect. */
  readonly generation: number;
}

export interface Commit {
  readonly network: string;
  /** The version that the state was read at. */
  readonly expectedVersion: number;
  /** Random, new for every commit: a version alone repeats after Redis was emptied. */
  readonly commitId: string;
  readonly generation: number;
  readonly configHash: string;
  readonly tick: number;
  readonly cursor: string;
  readonly bytes: Uint8Array;
  readonly events: readonly AlertEvent[];
  readonly bundles: readonly ExplainBundle[];
  /** One per decided tick, oldest first; the last one becomes the current view. */
  readonly views: readonly NetworkView[];
  /** Real times for the latency envelope, ms. */
  readonly sampledAt: number;
  readonly detectedAt: number;
  /** Trace that the events are delivered in; stored beside them in the log, never in them. Undefined while tracing is off. */
  readonly traceparent?: string | undefined;
}

/**
 * `committed`, or why nothing at all was written: `conflict` another worker was first (or a row came in for a tick of
 * this commit), `superseded` a newer configuration generation is in force.
 */
export type CommitResult = "committed" | "conflict" | "superseded";

export interface StateStore {
  /** The committed state; without its bytes when the caller already keeps the state of that commit. */
  load(network: string, keptCommitId?: string): Promise<StoredState>;
  /** State, alert events, bundles and estimates in ONE Lua call with a version check. */
  commit(commit: Commit): Promise<CommitResult>;
}

export interface AlertFilter {
  readonly network?: string;
  readonly region?: string;
  readonly scope?: Scope;
  readonly state?: "open" | "resolved";
  /** Data time, ms: alerts whose newest event is at or after. */
  readonly since?: number;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/** An alert with all its revisions and acknowledgements; `latest` is the newest event. */
export interface AlertRecord {
  readonly latest: DeliveredAlert;
  readonly open: boolean;
  /** The newest acknowledgement. */
  readonly ack?: Ack;
  /** All of them, oldest first. */
  readonly acks?: readonly Ack[];
}

export interface AlertStore {
  open(network?: string): Promise<readonly AlertRecord[]>;
  list(filter: AlertFilter): Promise<{ items: readonly AlertRecord[]; next: string | null }>;
  get(id: string): Promise<{ record: AlertRecord; events: readonly DeliveredAlert[] } | null>;
  /** The evidence an alert was computed from, newest revision; null when unknown. */
  bundle(id: string): Promise<ExplainBundle | null>;
  /** Null when there is no such alert. Throws `HashfallError` `ACKS_FULL`. */
  acknowledge(id: string, ack: Omit<Ack, "at">): Promise<AlertRecord | null>;
}

/** The append-only alert log, followed by every gateway. */
export interface AlertLog {
  epoch(): Promise<string>;
  /** Cursor of the newest entry (of the beginning, when the log is empty). */
  tail(): Promise<string>;
  /**
   * Entries after a cursor, in order. `recovered` is false when the cursor's epoch is another one, or entries after it were
   * already trimmed: then `items` is empty.
   */
  after(cursor: string, limit: number): Promise<{ recovered: boolean; items: readonly DeliveredAlert[] }>;
  /** Calls back for every entry after `cursor`, for ever, reconnecting by itself, until the signal fires. */
  follow(cursor: string, onEvents: (events: readonly DeliveredAlert[]) => void, signal: AbortSignal): Promise<void>;
}

export interface HistoryPoint {
  readonly at: number;
  /** Means over the step; absent where unknown. */
  readonly hashrate?: number;
  readonly expected?: number;
  readonly drop?: number;
}

export interface ViewStore {
  /** The newest committed view of each network. */
  current(network: string): Promise<NetworkView | null>;
  /**
   * Estimates over time: of one region, of several as their sum, or without any of the whole network. Steps under an hour
   * come from the fine series. Rejects when `signal` fires: nobody waits for the rest.
   */
  history(q: {
    network: string;
    regions?: readonly string[];
    from: number;
    to: number;
    stepMs: number;
    limit: number;
    signal?: AbortSignal;
  }): Promise<readonly HistoryPoint[]>;
}

/** A claim on polling one tick of one network. */
export interface TickClaim {
  /** Keeps the claim; false when it was lost. */
  renew(): Promise<boolean>;
  /** Marks the tick as polled; false when the claim was lost to somebody else, who marks it. */
  complete(): Promise<boolean>;
  /** Releases the claim unfinished, so that another process can claim the tick at once. */
  release(): Promise<void>;
}

export interface TickClaims {
  /** Null when another process holds the tick or it is done. `takeover` is true when an earlier claimant died with it. */
  claim(
    network: string,
    tick: number,
    holder: string,
    leaseMs: number,
  ): Promise<{ claim: TickClaim; takeover: boolean } | null>;
  /** Whether a tick was completed. */
  isDone(network: string, tick: number): Promise<boolean>;
  lastDone(network: string): Promise<number | null>;
}

/** Shared by all replicas. */
export interface SilenceStore {
  /** Silences that are or will be in force, the first to end first. */
  list(): Promise<readonly Silence[]>;
  /** Throws `HashfallError` `SILENCES_FULL`. */
  add(silence: Omit<Silence, "id">): Promise<Silence>;
  /** False when there was none. */
  remove(id: string): Promise<boolean>;
}
