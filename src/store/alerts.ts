/** Alerts by id: every revision, the evidence of the newest, acknowledgements; lists newest first. */

import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import type { ExplainBundle } from "../detect/contract.ts";
import type { Ack } from "../model/ack.ts";
import { CANDIDATE_PROBABILITY } from "../model/candidates.ts";
import type { Clock } from "../model/clock.ts";
import { HashfallError } from "../model/errors.ts";
import { regionCovers } from "../model/region.ts";
import { isoTime } from "../model/tick.ts";
import type { RedisClient } from "./connect.ts";
import type { AlertFilter, AlertRecord, AlertStore } from "./contract.ts";
import type { Keys } from "./keys.ts";
import { currentEpoch } from "./log-epoch.ts";
import { ACKNOWLEDGE } from "./lua/acknowledge.ts";
import { LATEST } from "./lua/latest.ts";
import { runScript } from "./script.ts";
import { fromRecord } from "./stored-event.ts";

const inflate = promisify(inflateRaw);

/** Ids that are read in one round trip. */
const PAGE = 200;

/** Most acknowledgements of one alert. Without a limit a faulty script would fill the store. */
const MAX_ACKS = 1000;

export interface AlertStoreDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly real: Clock;
}

export function makeAlertStore(deps: AlertStoreDeps): AlertStore {
  const { redis, keys, real } = deps;

  async function read(ids: readonly string[]): Promise<AlertRecord[]> {
    if (ids.length === 0) return [];
    const epoch = await currentEpoch(deps);
    const replies = (await runScript(redis, LATEST, ids.map(keys.alert), [])) as [string, string][];
    return replies.flatMap(([event, acks]) => (event === "" ? [] : recordOf(epoch, event, acks)));
  }

  return {
    async open(network) {
      const records = await read(await redis.zrevrange(keys.openAlerts, 0, -1));
      return records.filter(({ latest }) => network === undefined || latest.network === network);
    },

    async list(filter) {
      const index = filter.state === "open" ? keys.openAlerts : keys.alerts;
      const items: { record: AlertRecord; score: number }[] = [];
      const since = filter.since ?? "-inf";
      for await (const page of pagesBefore(redis, index, since, readPosition(filter.after))) {
        const records = await read(page.map(({ id }) => id));
        const scores = new Map(page.map(({ id, score }) => [id, score]));
        for (const record of records) {
          if (matches(filter, record)) items.push({ record, score: scores.get(record.latest.id) ?? 0 });
        }
        if (items.length > filter.limit) break;
      }
      const kept = items.slice(0, filter.limit);
      const last = kept.at(-1);
      const next = items.length > filter.limit && last ? `${last.score}~${last.record.latest.id}` : null;
      return { items: kept.map(({ record }) => record), next };
    },

    async get(id) {
      const fields = await redis.hgetall(keys.alert(id));
      const { latest, acks = fields.ack } = fields;
      if (latest === undefined) return null;
      const epoch = await currentEpoch(deps);
      const revisions = Object.keys(fields).filter((name) => /^\d+$/.test(name));
      const events = revisions
        .toSorted((a, b) => Number(b) - Number(a))
        .map((revision) => fromRecord(epoch, fields[revision] ?? ""));
      return { record: recordOf(epoch, fields[latest] ?? "", acks ?? ""), events };
    },

    async bundle(id) {
      const bytes = await redis.getBuffer(keys.bundle(id));
      return bytes === null ? null : (JSON.parse((await inflate(bytes)).toString()) as ExplainBundle);
    },

    async acknowledge(id, { by, note, verdict, region }) {
      const ack: Ack = {
        ...{ by, note, at: isoTime(real.now()) },
        ...(verdict === undefined ? {} : { verdict }),
        ...(region === undefined ? {} : { region }),
      };
      const result = await runScript(redis, ACKNOWLEDGE, [keys.alert(id)], [JSON.stringify(ack), MAX_ACKS]);
      if (result === -1) throw new HashfallError("ACKS_FULL", `alert ${id} has ${MAX_ACKS} acknowledgements already`);
      return result === 1 ? ((await read([id]))[0] ?? null) : null;
    },
  };
}

/** @param acks JSON, one acknowledgement a line */
function recordOf(epoch: string, event: string, acks: string): AlertRecord {
  const latest = fromRecord(epoch, event);
  const all = acks === "" ? [] : acks.split("\n").map((line) => JSON.parse(line) as Ack);
  const ack = all.at(-1);
  return { latest, open: latest.type !== "resolved", ...(ack === undefined ? {} : { ack, acks: all }) };
}

function matches(filter: AlertFilter, { latest, open }: AlertRecord): boolean {
  if (filter.network !== undefined && latest.network !== filter.network) return false;
  if (filter.scope !== undefined && latest.scope !== filter.scope) return false;
  if (filter.state !== undefined && open !== (filter.state === "open")) return false;
  const { region } = filter;
  if (region === undefined) return true;
  if (latest.region !== null) return regionCovers(region, latest.region);
  const candidates = latest.candidates ?? [];
  return candidates.some((each) => each.probability >= CANDIDATE_PROBABILITY && regionCovers(region, each.region));
}

interface Position {
  readonly score: number;
  readonly id: string;
}

function readPosition(after: string | undefined): Position | null {
  if (after === undefined) return null;
  const match = /^(\d{1,16})~(.{1,200})$/s.exec(after);
  if (!match) throw new HashfallError("CURSOR_INVALID", `"${after}" is no "next" of a list of alerts`);
  return { score: Number(match[1]), id: match[2]! };
}

/** Ids by falling data time (and falling id where that is equal) after a position, page by page. */
async function* pagesBefore(
  redis: RedisClient,
  key: string,
  since: number | string,
  after: Position | null,
): AsyncGenerator<Position[]> {
  let max: number | string = after?.score ?? "+inf";
  let offset = 0;
  for (;;) {
    const flat = await redis.zrevrangebyscore(key, max, since, "WITHSCORES", "LIMIT", offset, PAGE);
    const page: Position[] = [];
    for (let i = 0; i < flat.length; i += 2) page.push({ id: flat[i] ?? "", score: Number(flat[i + 1]) });
    const isBehind = ({ id, score }: Position): boolean =>
      after === null || score < after.score || (score === after.score && id < after.id);
    yield page.filter(isBehind);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    const ties = page.filter(({ score }) => score === last.score).length;
    offset = last.score === max ? offset + page.length : ties;
    max = last.score;
  }
}
