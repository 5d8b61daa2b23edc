/** Exports what a live run saw as NDJSON for a replay: every polled tick, and its rows as the detector got them. */
import { formatSampleLine } from "../model/sample-line.ts";
import type { SampleStore, StoredTick } from "./contract.ts";

export interface ExportQuery {
  readonly networks: readonly string[];
  /** Ticks with `from <= tick <= to`, data time ms. */
  readonly from: number;
  readonly to: number;
  /** Whether each line says its network. */
  readonly nameNetwork: boolean;
}

export interface ExportedTick {
  readonly network: string;
  readonly at: number;
  readonly rows: number;
  /** NDJSON with a newline after each line: the tick itself, then its rows. */
  readonly text: string;
}

/** Ticks of all networks in order of data time. */
export async function* exportTicks(query: ExportQuery, samples: SampleStore): AsyncGenerator<ExportedTick> {
  const heads: { network: string; ticks: AsyncIterator<StoredTick>; head: StoredTick }[] = [];
  const put = async (network: string, ticks: AsyncIterator<StoredTick>): Promise<void> => {
    const next = await ticks.next();
    if (next.done !== true) heads.push({ network, ticks, head: next.value });
  };
  for (const network of query.networks) {
    await put(network, samples.range(network, query.from, query.to)[Symbol.asyncIterator]());
  }
  while (heads.length > 0) {
    const first = heads.reduce(
      (earliest, each, i) => (each.head.at < (heads[earliest]?.head.at ?? 0) ? i : earliest),
      0,
    );
    const [taken] = heads.splice(first, 1);
    if (taken === undefined) return;
    yield formatTick(taken.network, taken.head, query.nameNetwork);
    await put(taken.network, taken.ticks);
  }
}

function formatTick(network: string, { at, rows }: StoredTick, nameNetwork: boolean): ExportedTick {
  const options = nameNetwork ? { network } : {};
  const lines = [{ kind: "tick", at } as const, ...rows].map((sample) => `${formatSampleLine(sample, options)}\n`);
  return { network, at, rows: rows.length, text: lines.join("") };
}
