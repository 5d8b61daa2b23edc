/** Observations of a source -> samples of a tick. What is stale or unknown is counted, and never becomes a number. */
import type { PoolSample } from "../model/sample.ts";
import type { Observation } from "../sources/contract.ts";

export interface Taken {
  readonly samples: readonly PoolSample[];
  readonly skipped: Readonly<Record<string, number>>;
}

/** Clocks of upstreams are a little ahead now and then; more than this is a wrong time, and then no time is kept. */
const AHEAD_MS = 120_000;

/**
 * @param tick data time the samples are given to, ms
 * @param now data time of the fetch, ms
 */
export function toSamples(
  sourceId: string,
  observations: readonly Observation[],
  { tick, now }: { readonly tick: number; readonly now: number },
): Taken {
  const samples: PoolSample[] = [];
  const skipped: Record<string, number> = {};
  const skip = (reason: string): void => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  };
  for (const row of observations) {
    const observedAt = row.observedAt;
    // A block's age is no fault of the block, nor is a header time up to two hours ahead, which the protocol allows:
    // which blocks are new is the caller's to know.
    if (row.kind === "block") samples.push(sampleOf(sourceId, row, tick));
    else if (observedAt !== undefined && observedAt > now + AHEAD_MS) skip("future");
    else if (observedAt !== undefined && now - observedAt > row.staleAfterMs) skip("stale");
    else if (row.hashrate === null || !Number.isFinite(row.hashrate)) skip("unknown");
    else samples.push(sampleOf(sourceId, row, tick));
  }
  return { samples, skipped };
}

/**
 * Whether a row says 0 without a meaning: a pool's total of 0, or a region's beside nothing that lives. A region of 0 beside
 * living ones of the same pool is a fall to zero.
 */
export function isUselessZero(sample: PoolSample, all: readonly PoolSample[]): boolean {
  if (sample.kind !== "rate" || sample.hashrate !== 0) return false;
  if (sample.region === undefined) return true;
  return !all.some((each) => each.kind === "rate" && each.pool === sample.pool && each.hashrate > 0);
}

function sampleOf(source: string, row: Observation, tick: number): PoolSample {
  const base = {
    at: tick,
    pool: row.pool,
    source,
    // "fetch-time" is ours, not the upstream's: it would make a frozen figure look fresh.
    ...(row.observedAt !== undefined && row.observedAtBasis !== "fetch-time" ? { observedAt: row.observedAt } : {}),
  };
  if (row.kind === "block") return { kind: "block", ...base, height: row.height, difficulty: row.difficulty };
  return {
    kind: "rate",
    ...base,
    hashrate: row.hashrate as number,
    basis: row.basis,
    ...(row.region === null ? {} : { region: row.region }),
    ...(row.window.seconds === null ? {} : { windowSeconds: row.window.seconds }),
  };
}
