/** Reads from Redis what a backup keeps: a network's state, and what changed since the last capture. */
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import { formatSampleLine } from "../model/sample-line.ts";
import type { RedisClient } from "../store/connect.ts";
import type { Keys } from "../store/keys.ts";
import { readRow } from "../store/row-codec.ts";
import { type AlertLine, formatBackupLine } from "./backup-line.ts";

const deflate = promisify(deflateRaw);
/** Attempts: a worker may commit during a read, which is then repeated. */
const TRIES = 3;

/** How far a network's state has come. */
export interface Place {
  /** 0 when nothing was ever committed. */
  readonly version: number;
  /** Last decided tick, data time ms. */
  readonly tick: number;
  /** Identity of the state's history; empty before a backup gave it one. */
  readonly lineage: string;
}

export interface CaptureDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
}

/** Lines, and the place that they reach. */
export interface Captured {
  readonly text: string;
  readonly place: Place;
}

export async function readPlace(network: string, { redis, keys }: CaptureDeps): Promise<Place> {
  const [version, tick, lineage] = await redis.hmget(keys.state(network), "version", "tick", "lineage");
  return { version: Number(version ?? 0), tick: Number(tick ?? 0), lineage: lineage ?? "" };
}

/** Gives the state of a network its lineage, when it has none; returns the one that it has. */
export async function nameLineage(network: string, lineage: string, { redis, keys }: CaptureDeps): Promise<string> {
  await redis.hsetnx(keys.state(network), "lineage", lineage);
  return (await redis.hget(keys.state(network), "lineage")) ?? lineage;
}

/** Everything that a network is restored from: state, view, open alerts. Null when it changed whenever it was read. */
export function captureState(network: string, deps: CaptureDeps): Promise<Captured | null> {
  return settled(network, deps, async () => {
    const { redis, keys } = deps;
    const fields = ["version", "tick", "lineage", "configHash", "generation", "bytes"] as const;
    const [version, tick, lineage, configHash, generation, bytes] = await redis.hmgetBuffer(
      keys.state(network),
      ...fields,
    );
    const head = formatBackupLine({
      backup: "state",
      network,
      version: Number(version),
      tick: Number(tick),
      lineage: String(lineage),
      configHash: String(configHash ?? ""),
      generation: Number(generation ?? 0),
      bytes: (await deflate(bytes ?? Buffer.alloc(0))).toString("base64"),
      view: (await redis.get(keys.view(network))) ?? "",
    });
    return head + (await captureAlerts(network, await redis.zrange(keys.openAlerts, "0", "-1"), deps));
  });
}

/** Rows of the ticks after `from`, and alerts with events after it. Null when the state changed whenever it was read. */
export function captureSince(network: string, from: Place, deps: CaptureDeps): Promise<Captured | null> {
  return settled(network, deps, async (to) => {
    const { redis, keys } = deps;
    const ticks = await redis.zrangebyscore(keys.ticks(network), `(${from.tick}`, to.tick);
    const parts: string[] = [];
    for (const tick of ticks.map(Number)) {
      const fields = await redis.hgetall(keys.rows(network, tick));
      parts.push(`${formatSampleLine({ kind: "tick", at: tick }, { network })}\n`);
      for (const name of Object.keys(fields).toSorted()) {
        const row = readRow(name, fields[name] ?? "", tick);
        if (row !== null) parts.push(`${formatSampleLine(row, { network })}\n`);
      }
      parts.push(formatBackupLine({ backup: "rows", network, tick, fields }));
    }
    const changed = await redis.zrangebyscore(keys.alerts, `(${from.tick}`, "+inf");
    return parts.join("") + (await captureAlerts(network, changed, deps));
  });
}

/** The silences of all networks. */
export async function captureSilences({ redis, keys }: CaptureDeps): Promise<string> {
  return formatBackupLine({ backup: "silences", fields: await redis.hgetall(keys.silences) });
}

async function captureAlerts(network: string, ids: readonly string[], { redis, keys }: CaptureDeps): Promise<string> {
  const lines: AlertLine[] = [];
  for (const id of ids) {
    const fields = await redis.hgetall(keys.alert(id));
    if (fields.network !== network) continue;
    const score = Number((await redis.zscore(keys.alerts, id)) ?? 0);
    const bundle = (await redis.getBuffer(keys.bundle(id)))?.toString("base64") ?? "";
    lines.push({ backup: "alert", network, id, score, fields, bundle });
  }
  return lines.map(formatBackupLine).join("");
}

/** What `read` says of a network, when nothing was committed while it read. */
async function settled(
  network: string,
  deps: CaptureDeps,
  read: (place: Place) => Promise<string>,
): Promise<Captured | null> {
  for (let n = 0; n < TRIES; n++) {
    const place = await readPlace(network, deps);
    const text = await read(place);
    const after = await readPlace(network, deps);
    if (after.version !== place.version || after.lineage !== place.lineage) continue;
    const { version, tick } = place;
    return { text: text + formatBackupLine({ backup: "place", network, version, tick }), place };
  }
  return null;
}
