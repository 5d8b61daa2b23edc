/** History that is filled in before polling begins, so that the detector starts warm. */
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import type { Sample } from "../model/sample.ts";
import { isoTime, tickOf } from "../model/tick.ts";
import type { SampleStore, StateStore } from "../store/contract.ts";

export interface BackfillDeps {
  readonly samples: SampleStore;
  readonly states: StateStore;
  readonly enqueue: (network: string, tick: number) => Promise<void>;
  readonly say: (line: string) => void;
}

/** Ticks stored at once: a few round trips a second of history, and never the whole of it in memory. */
const TICKS_IN_FLIGHT = 64;

/**
 * Stores rows of the past, in order of time and marked as back-filled, and asks for their decision. Does nothing for a
 * network that has already decided a tick: then the detector knows more than the history does.
 *
 * Returns the number of rows stored.
 */
export async function backfillNetwork(
  network: Pick<NetworkConfig, "name" | "intervalMs">,
  rows: AsyncIterable<Sample>,
  deps: BackfillDeps,
): Promise<number> {
  if ((await deps.states.load(network.name)).version > 0) return 0;
  let stored = 0;
  let current: { tick: number; rows: Sample[] } | null = null;
  let first: number | null = null;
  let last: number | null = null;
  const writing = new Set<Promise<unknown>>();
  const flush = async (batch: { tick: number; rows: Sample[] }): Promise<void> => {
    const write = deps.samples.append(network.name, batch.tick, network.intervalMs, batch.rows).then((result) => {
      stored += result.added;
    });
    writing.add(write);
    if (writing.size >= TICKS_IN_FLIGHT) {
      await Promise.all(writing);
      writing.clear();
    }
  };
  for await (const row of rows) {
    const tick = tickOf(row.at, network.intervalMs);
    if (current === null || current.tick !== tick) {
      if (current !== null) await flush(current);
      current = { tick, rows: [] };
    }
    current.rows.push({ ...row, backfilled: true });
    first ??= tick;
    last = tick;
  }
  if (current !== null) await flush(current);
  await Promise.all(writing);
  if (first === null || last === null) return 0;
  await deps.enqueue(network.name, last);
  deps.say(`${network.name}: ${stored} samples of history from ${isoTime(first)} to ${isoTime(last)} filled in`);
  return stored;
}
