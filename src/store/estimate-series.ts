/** Reads a series of estimates page by page, so that two years never stand in memory at once. */
import type { RedisClient } from "./connect.ts";
import { type Estimate, unpackEstimates } from "./estimate-codec.ts";

export interface EstimatePoint {
  /** Data time ms: the tick, or the end of the hour. */
  readonly at: number;
  readonly estimates: ReadonlyMap<string, Estimate>;
}

/** Points read at once: with fifty regions a page takes about two milliseconds, and then others have their turn. */
const PAGE = 250;

export interface EstimateSpan {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** The regions that are wanted; all of them when absent. */
  readonly regions?: readonly string[];
}

function pointOf(entry: [Buffer, Buffer[]], only?: ReadonlySet<string>): EstimatePoint {
  const [id, fields] = entry;
  const regions = fields[1]?.toString() ?? "";
  return {
    at: Number.parseInt(id.toString(), 10),
    estimates: unpackEstimates({ regions, figures: fields[3] ?? Buffer.alloc(0) }, only),
  };
}

/** Points with `from <= at <= to`, oldest first. Throws the signal's reason once it fires. */
export async function* readEstimates(
  redis: RedisClient,
  { key, from, to, regions }: EstimateSpan,
  signal?: AbortSignal,
): AsyncGenerator<EstimatePoint> {
  const only = regions && new Set(regions);
  let start = `${Math.max(0, Math.ceil(from))}-0`;
  const end = `${Math.floor(to)}-0`;
  for (;;) {
    signal?.throwIfAborted();
    const page = (await redis.xrangeBuffer(key, start, end, "COUNT", PAGE)) as [Buffer, Buffer[]][];
    yield* page.map((entry) => pointOf(entry, only));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    start = `(${last[0].toString()}`;
  }
}

/** Data time of the newest point; null when there is none. */
export async function newestEstimate(redis: RedisClient, key: string): Promise<number | null> {
  const [entry] = await redis.xrevrange(key, "+", "-", "COUNT", 1);
  return entry === undefined ? null : Number.parseInt(entry[0], 10);
}

/** Means of estimates, figure by figure; a figure that was never known stays unknown. */
export class MeanEstimates {
  readonly #sums = new Map<string, { [K in keyof Estimate]-?: { sum: number; count: number } }>();

  add(region: string, estimate: Estimate): void {
    let sums = this.#sums.get(region);
    if (sums === undefined) {
      sums = { hashrate: { sum: 0, count: 0 }, expected: { sum: 0, count: 0 }, drop: { sum: 0, count: 0 } };
      this.#sums.set(region, sums);
    }
    for (const name of ["hashrate", "expected", "drop"] as const) {
      const figure = estimate[name];
      if (figure === undefined) continue;
      sums[name].sum += figure;
      sums[name].count++;
    }
  }

  means(): ReadonlyMap<string, Estimate> {
    const means = new Map<string, Estimate>();
    for (const [region, { hashrate, expected, drop }] of this.#sums) {
      means.set(region, {
        ...(hashrate.count === 0 ? {} : { hashrate: hashrate.sum / hashrate.count }),
        ...(expected.count === 0 ? {} : { expected: expected.sum / expected.count }),
        ...(drop.count === 0 ? {} : { drop: drop.sum / drop.count }),
      });
    }
    return means;
  }
}
