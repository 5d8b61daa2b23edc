/** History that is filled in before polling begins, so that the detector starts warm. */
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import type { Sample } from "../model/sample.ts";
import { isoTime, tickOf } from "../model/tick.ts";
import type { SampleStore, StateStore } from "../store/contract.ts";

export interface BackfillDeps {
  readonly samples: SampleStore;
  readonly states: StateStore;
  readonly enqueue: (network: string, tick: number) => Promise<void>;
  readonly report: (line: string) => void;
}

/** Most ticks that are being stored at once, so that the history is never in memory as a whole. */
const TICKS_IN_FLIGHT = 64;

/**
 * Stores rows of the past, in order of time and marked as back-filled, and queues their decision. A network that has already
 * decided a tick is only reported and left as it is: its detector knows more than the history.
 *
 * @param network.pools rows of other pools are left out; absent where the history is of one network
 *
 * Returns the number of rows stored.
 */
export async function backfillNetwork(
  network: Pick<NetworkConfig, "name" | "intervalMs"> & { readonly pools?: ReadonlySet<string> },
  rows: AsyncIterable<Sample>,
  deps: BackfillDeps,
): Promise<number> {
  if ((await deps.states.load(network.name)).version > 0) {
    deps.report(`${network.name}: history is not filled in, since this detector has decided ticks and knows more`);
    return 0;
  }
  let foreign = 0;
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
    if (network.pools !== undefined && row.kind !== "witness" && row.kind !== "label" && !network.pools.has(row.pool)) {
      foreign += 1;
      continue;
    }
    const tick = tickOf(row.at, network.intervalMs);
    if (current === null || current.tick !== tick) {
      if (current !== null) await flush(current);
      current = { tick, rows: [] };
    }
    current.rows.push(row.kind === "label" ? row : { ...row, backfilled: true });
    first ??= tick;
    last = tick;
  }
  if (current !== null) await flush(current);
  await Promise.all(writing);
  const left = foreign === 0 ? "" : `; ${foreign} rows of pools that it does not have are left out`;
  if (first === null || last === null) {
    deps.report(`${network.name}: the history holds no row of its pools${left}`);
    return 0;
  }
  await deps.enqueue(network.name, last);
  deps.report(
    `${network.name}: ${stored} samples of history from ${isoTime(first)} to ${isoTime(last)} filled in${left}`,
  );
  return stored;
}
