/** The append-only log of alert events of all networks: one stream, ids by the server, followed by every gateway. */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { DeliveredAlert } from "../model/alert.ts";
import { compareStreamIds, formatCursor, parseCursor } from "../model/cursor.ts";
import { messageOf } from "../model/errors.ts";
import type { RedisClient } from "./connect.ts";
import type { AlertLog } from "./contract.ts";
import type { Keys } from "./keys.ts";
import { currentEpoch } from "./log-epoch.ts";
import { LogPosition } from "./log-position.ts";
import { fromLogEntry } from "./stored-event.ts";

type Entry = [string, string[]];

const BEGINNING = "0-0";
/**
 * Longest XREAD BLOCK, ms: well under the connection's socket timeout. Also how often a follower checks that its position
 * still exists.
 */
const BLOCK_MS = 5_000;
const FOLLOW_COUNT = 200;
const RETRY_MS = 200;

export interface AlertLogDeps {
  readonly redis: RedisClient;
  /** Makes a connection (use `follow`) for one follower, which closes it. It blocks, so it cannot be shared. */
  readonly openFollower: () => RedisClient;
  readonly keys: Keys;
  readonly logger: Logger;
}

export function makeAlertLog(deps: AlertLogDeps): AlertLog {
  const { redis, keys, logger } = deps;

  async function tailId(): Promise<string> {
    const [newest] = await redis.xrevrange(keys.log, "+", "-", "COUNT", 1);
    return newest?.[0] ?? (await redis.hget(keys.logMeta, "trimmed")) ?? BEGINNING;
  }

  return {
    epoch: () => currentEpoch(deps),

    async tail() {
      return formatCursor({ epoch: await currentEpoch(deps), id: await tailId() });
    },

    async after(cursor, limit) {
      const from = parseCursor(cursor);
      const lost = { recovered: false, items: [] };
      if (from === null || from.epoch !== (await currentEpoch(deps))) return lost;
      const replies = await redis
        .multi()
        .hget(keys.logMeta, "trimmed")
        .xrevrange(keys.log, "+", "-", "COUNT", 1)
        .xrange(keys.log, `(${from.id}`, "+", "COUNT", limit)
        .exec();
      const [trimmed, newest, entries] = (replies ?? []).map(([error, reply]) => {
        if (error) throw error;
        return reply;
      }) as [string | null, Entry[], Entry[]];
      const oldest = trimmed ?? BEGINNING;
      const isTrimmed = compareStreamIds(from.id, oldest) < 0;
      // A client can send anything, so a cursor beyond the tail is only refused. A follower that had read it begins a new epoch.
      const isBeyond = compareStreamIds(from.id, newest[0]?.[0] ?? oldest) > 0;
      if (isTrimmed || isBeyond) return lost;
      return { recovered: true, items: entries.map((entry) => fromLogEntry(from.epoch, entry)) };
    },

    async follow(cursor, onEvents, signal) {
      const start = parseCursor(cursor);
      if (start === null) throw new RangeError(`"${cursor}" is no cursor of the alert log`);
      const place = new LogPosition(start);
      const connection = deps.openFollower();
      const hangUp = (): void => connection.disconnect();
      signal.addEventListener("abort", hangUp, { once: true });
      try {
        while (!signal.aborted) {
          const events = await readOn(connection, keys, place).catch(async (error: unknown) => {
            if (signal.aborted) return [];
            logger.debug({ why: messageOf(error) }, "the alert log does not answer; trying again");
            await delay(RETRY_MS, undefined, { signal }).catch(() => {});
            return [];
          });
          if (events.length > 0 && !signal.aborted) onEvents(events);
        }
      } finally {
        signal.removeEventListener("abort", hangUp);
        hangUp();
      }
    },
  };
}

/** The next entries after a position, which advances; empty when none came for a while. */
async function readOn(connection: RedisClient, keys: Keys, place: LogPosition): Promise<readonly DeliveredAlert[]> {
  await place.reconcile(connection, keys);
  const reply = await connection.xread("COUNT", FOLLOW_COUNT, "BLOCK", BLOCK_MS, "STREAMS", keys.log, place.id);
  const entries = (reply?.[0]?.[1] ?? []) as Entry[];
  place.advance(entries.map(([id]) => id));
  return entries.map((entry) => fromLogEntry(place.epoch, entry));
}
