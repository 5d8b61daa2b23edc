/** Samples: one hash a tick, an index by data time, and the number of each arrival. */
import type { Clock } from "../model/clock.ts";
import { factFault } from "../model/fact.ts";
import { labelFault } from "../model/label.ts";
import type { Sample } from "../model/sample.ts";
import type { RedisClient } from "./connect.ts";
import type { AppendResult, SampleStore, StoredTick } from "./contract.ts";
import type { Keys } from "./keys.ts";
import { APPEND } from "./lua/append.ts";
import { movedRowValue, readRow, rowName, rowValue, STORED_AT_FIELD } from "./row-codec.ts";
import { formatSampleCursor, parseSampleCursor } from "./sample-cursor.ts";
import { runScript } from "./script.ts";

/** Ticks that `range` asks for in one round trip: about 100 kB of rows. */
const RANGE_PAGE = 100;

export interface SampleStoreDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** Real time, for `storedAt`. */
  readonly real: Clock;
}

export function makeSampleStore({ redis, keys, real }: SampleStoreDeps): SampleStore {
  async function readTicks(network: string, ticks: readonly number[]): Promise<StoredTick[]> {
    const pipeline = redis.pipeline();
    for (const tick of ticks) pipeline.hgetall(keys.rows(network, tick));
    const replies = await pipeline.exec();
    return ticks.map((tick, i) => readTick(tick, replyOf(replies, i) as Record<string, string>));
  }

  return {
    async append(network, tick, intervalMs, rows) {
      requireRowsOfTick(tick, intervalMs, rows);
      const keyList = [
        ...[keys.state(network), keys.ticks(network), keys.arrivals(network), keys.arrivalCount(network)],
        ...[0, 1, 2].map((later) => keys.rows(network, tick + later * intervalMs)),
      ];
      const args = [tick, intervalMs, Math.round(real.now()), rows.length];
      const fields = rows.flatMap((row) => [rowName(row), rowName(row, tick), rowValue(row, tick), movedRowValue(row)]);
      const reply = (await runScript(redis, APPEND, keyList, [...args, ...fields])) as number[];
      const [added = 0, duplicates = 0, moved = 0, late = 0] = reply;
      return { added, duplicates, moved, late } satisfies AppendResult;
    },

    async readSince(network, cursor, throughTick, limit) {
      const from = parseSampleCursor(cursor);
      // The arrival number is read before the rows: a row that comes in between is read, and its commit refused.
      const index = redis.pipeline();
      index.get(keys.arrivalCount(network));
      index.zrangebyscore(keys.ticks(network), `(${from.tick}`, throughTick, "LIMIT", 0, limit + 1);
      // Ticks that the caller has read and that got a row since. Only the arrival number shows that.
      index.zrangebyscore(keys.arrivals(network), `(${from.arrival}`, "+inf");
      const replies = await index.exec();
      const newest = Number(replyOf(replies, 0) ?? 0);
      const found = (replyOf(replies, 1) as string[]).map(Number);
      const touched = (replyOf(replies, 2) as string[]).some((tick) => Number(tick) <= from.tick);
      const wanted = found.slice(0, limit);
      const ticks = await readTicks(network, wanted);
      const next = { tick: wanted.at(-1) ?? from.tick, arrival: touched ? from.arrival : newest };
      return { ticks, cursor: formatSampleCursor(next), more: found.length > limit };
    },

    async *range(network, from, to) {
      let after = `${from}`;
      for (;;) {
        const page = await redis.zrangebyscore(keys.ticks(network), after, to, "LIMIT", 0, RANGE_PAGE);
        yield* await readTicks(network, page.map(Number));
        if (page.length < RANGE_PAGE) return;
        after = `(${page.at(-1)}`;
      }
    },
  };
}

function replyOf(replies: [Error | null, unknown][] | null, index: number): unknown {
  const [error, reply] = replies?.[index] ?? [new Error("Redis gave no reply"), undefined];
  if (error) throw error;
  return reply;
}

/** Rows in the order of their names, the same in every run, so that sums are equal to the last bit. */
function readTick(tick: number, fields: Record<string, string>): StoredTick {
  const rows = Object.keys(fields)
    .toSorted()
    .flatMap((name) => readRow(name, fields[name] ?? "", tick) ?? []);
  return { at: tick, rows, storedAt: Number(fields[STORED_AT_FIELD] ?? 0) };
}

function requireRowsOfTick(tick: number, intervalMs: number, rows: readonly Sample[]): void {
  if (!Number.isSafeInteger(tick) || tick <= 0 || intervalMs <= 0 || tick % intervalMs !== 0) {
    throw new RangeError(`${tick} is no tick of an interval of ${intervalMs} ms`);
  }
  for (const row of rows) {
    const whose = row.kind === "witness" || row.kind === "label" ? row.source : row.pool;
    const fault = faultOf(row);
    if (fault !== null) throw new RangeError(`the figure of ${whose} is ${fault}`);
    if (!(row.at > tick - intervalMs && row.at <= tick)) {
      throw new RangeError(`a row of ${whose} at ${row.at} does not belong to tick ${tick}`);
    }
  }
}

function faultOf(row: Sample): string | null {
  if (row.kind === "witness") return factFault(row.fact);
  if (row.kind === "label") return labelFault(row);
  const figure = row.kind === "rate" ? row.hashrate : row.difficulty;
  return Number.isFinite(figure) ? null : String(figure);
}
