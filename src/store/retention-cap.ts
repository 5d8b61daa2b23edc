/** The most memory that the store can need, computed from the configuration. */
import type { RetentionConfig } from "../config/resolve/resolved.ts";
import { MAX_ALERTS, MAX_LOG_ENTRIES } from "./retention.ts";

export interface CapInput {
  readonly pools: number;
  readonly regions: number;
  readonly intervalMs: number;
  /** Rows of a tick beside one for each pool: true regional rows, blocks, a second source. */
  readonly extraRows?: number;
  readonly keep: RetentionConfig;
}

export interface RetentionCap {
  readonly samples: number;
  readonly estimates: number;
  readonly hourlyEstimates: number;
  /** State, view, claims, index entries of one network. */
  readonly fixed: number;
  readonly total: number;
}

/**
 * Bytes of memory, measured with MEMORY USAGE on Redis 7.0 (jemalloc) and rounded up; a test holds them against a filled
 * store. A tick's hash stays packed up to 128 fields; beyond, and for a row of unusually long names, it costs up to twice that.
 */
const BYTES = {
  /** Name, value and their lengths in a packed hash. */
  row: 96,
  /** A tick's key, its hash, its entry in the index. */
  tick: 400,
  /** A point's entry in a stream: id, lengths, names of the regions once. */
  point: 48,
  /** Three floats, and the region's name with its comma. */
  region: 20,
  /** 256 kB of state at 16 pools x 13 regions, and a view of 64 kB. */
  fixed: 400_000,
};

/** Cap of one network; alerts and the log, which all networks share, are `sharedCapBytes`. */
export function networkCapBytes({ pools, regions, intervalMs, extraRows = 0, keep }: CapInput): RetentionCap {
  const ticks = Math.ceil(keep.samplesMs / intervalMs);
  const samples = ticks * (BYTES.tick + (pools + extraRows) * BYTES.row);
  const point = BYTES.point + (regions + 1) * BYTES.region;
  const estimates = Math.ceil(keep.estimatesMs / intervalMs) * point;
  const hourlyEstimates = Math.ceil(keep.hourlyEstimatesMs / 3_600_000) * point;
  const total = samples + estimates + hourlyEstimates + BYTES.fixed;
  return { samples, estimates, hourlyEstimates, fixed: BYTES.fixed, total };
}

/**
 * Alerts, their evidence and the log at their highest allowed counts, which no calm network comes near.
 * @param eventBytes size of an event as JSON
 * @param bundleBytes size of its evidence, deflated
 */
export function sharedCapBytes({ eventBytes = 2_000, bundleBytes = 4_000, eventsPerAlert = 5 } = {}): number {
  return MAX_LOG_ENTRIES * (eventBytes + 100) + MAX_ALERTS * (eventsPerAlert * (eventBytes + 150) + bundleBytes + 300);
}
