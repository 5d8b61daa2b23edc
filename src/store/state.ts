/** The detector's state of each network, and the commit that writes it together with events, bundles and estimates. */
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import type { Logger } from "pino";
import { messageOf } from "../model/errors.ts";
import { HOUR_MS } from "../model/time-units.ts";
import type { RedisClient } from "./connect.ts";
import type { Commit, CommitResult, StateStore, StoredState } from "./contract.ts";
import { packView } from "./estimate-codec.ts";
import type { Keys } from "./keys.ts";
import { COMMIT } from "./lua/commit.ts";
import { rollUpHours } from "./roll-up.ts";
import { parseSampleCursor } from "./sample-cursor.ts";
import { runScript } from "./script.ts";

const deflate = promisify(deflateRaw);

export interface StateStoreDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly logger: Logger;
}

export function makeStateStore({ redis, keys, logger }: StateStoreDeps): StateStore {
  return {
    async load(network, keptCommitId) {
      if (keptCommitId !== undefined) {
        const known = storedState(await redis.hmgetBuffer(keys.state(network), ...HEAD));
        if (known.commitId === keptCommitId) return known;
      }
      // Head and bytes in one command: read separately they could belong to two commits.
      const [bytes, ...head] = await redis.hmgetBuffer(keys.state(network), "bytes", ...HEAD);
      return { ...storedState(head), bytes: bytes ?? null };
    },

    async commit(commit) {
      const { network } = commit;
      const ids = [...new Set([...commit.events, ...commit.bundles].map(({ id }) => id))];
      const keyList = [
        ...[keys.state(network), keys.generation, keys.ticks(network), keys.arrivals(network), keys.log],
        ...[keys.openAlerts, keys.alerts, keys.view(network), keys.estimates(network)],
        ...ids.flatMap((id) => [keys.alert(id), keys.bundle(id)]),
      ];
      const result = (await runScript(redis, COMMIT, keyList, await commitArguments(commit, ids))) as CommitResult;
      const first = commit.views[0]?.at ?? commit.tick;
      if (result === "committed" && passesAnHour(first, commit.tick)) {
        // Not part of the commit: hourly means are computed from what it stored, and the next hour repairs a failure.
        await rollUpHours(network, { redis, keys }).catch((error: unknown) =>
          logger.warn({ network, why: messageOf(error) }, "hourly means were not written; the next hour makes them up"),
        );
      }
      return result;
    },
  };
}

const HEAD = ["version", "tick", "cursor", "commitId", "configHash", "generation"] as const;

function storedState(reply: readonly (Buffer | null)[]): StoredState {
  const [version, tick, cursor, commitId, configHash, generation] = reply;
  return {
    version: Number(version ?? 0),
    tick: Number(tick ?? 0),
    cursor: cursor?.toString() ?? "",
    bytes: undefined,
    commitId: commitId?.toString() ?? "",
    configHash: configHash?.toString() ?? "",
    generation: Number(generation ?? 0),
  };
}

/** Whether an hour ends within the ticks from `first` to `last`. */
function passesAnHour(first: number, last: number): boolean {
  return Math.floor(last / HOUR_MS) * HOUR_MS >= first;
}

async function commitArguments(commit: Commit, ids: readonly string[]): Promise<(string | number | Buffer)[]> {
  const place = (id: string): number => ids.indexOf(id);
  const cursor = parseSampleCursor(commit.cursor);
  const view = commit.views.at(-1);
  const bundles = await Promise.all(
    commit.bundles.map(async (bundle) => [place(bundle.id), bundle.revision, await deflate(JSON.stringify(bundle))]),
  );
  return [
    ...[commit.expectedVersion, commit.commitId, commit.generation, commit.configHash, commit.tick],
    ...[commit.cursor, cursor.tick, cursor.arrival],
    Buffer.from(commit.bytes.buffer, commit.bytes.byteOffset, commit.bytes.byteLength),
    ...[Math.round(commit.sampledAt), Math.round(commit.detectedAt), commit.traceparent ?? ""],
    view === undefined ? "" : JSON.stringify(view),
    commit.views.length,
    ...commit.views.flatMap((each) => {
      const { regions, figures } = packView(each);
      return [each.at, regions, figures];
    }),
    commit.events.length,
    ...commit.events.flatMap((event) => [
      ...[place(event.id), event.id, event.revision, event.type, Date.parse(event.at), event.network],
      JSON.stringify(event),
    ]),
    bundles.length,
    ...bundles.flat(),
  ];
}
