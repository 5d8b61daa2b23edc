/** Observations of a source -> samples of a tick. Stale and unknown ones are counted and never become a number. */
import type { PoolSample } from "../model/sample.ts";
import type { Observation } from "../sources/contract.ts";

export interface Taken {
  readonly samples: readonly PoolSample[];
  readonly skipped: Readonly<Record<string, number>>;
}

/** Upstream clocks may be a little ahead. A time this far ahead is wrong, ms, and is dropped. */
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
    // A block may be old, and its header time may be two hours ahead, which the protocol allows:
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
 * Whether a 0 has no meaning: a pool's total of 0, or a region's 0 without a living region of the same pool. A region's 0 beside
 * living ones is a fall to zero.
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
    // "fetch-time" is the time of the request, not the upstream's: it would make a frozen figure look fresh.
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
