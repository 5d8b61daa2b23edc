/** Restores a network's backup into a Redis that has lost it. */
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import type { AlertEvent } from "../model/alert.ts";
import { compareStreamIds } from "../model/cursor.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import type { RedisClient } from "../store/connect.ts";
import type { Keys } from "../store/keys.ts";
import { newEpoch } from "../store/log-epoch.ts";
import { RESTORE_ROWS } from "../store/lua/restore-rows.ts";
import { RESTORE_STATE } from "../store/lua/restore-state.ts";
import { formatSampleCursor } from "../store/sample-cursor.ts";
import { runScript } from "../store/script.ts";
import type { AlertLine } from "./backup-line.ts";
import type { Place } from "./capture.ts";
import type { FoldedNetwork } from "./fold-segments.ts";

const inflate = promisify(inflateRaw);
/** Most bytes of a state. Without a limit a damaged line could fill the memory. */
const MAX_STATE_BYTES = 256 * 1024 * 1024;

export interface RestoreDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
}

/**
 * Puts the rows of ticks that Redis has not decided back; those it still has stay as they are.
 * @param all whether also rows of ticks that a state without memory has decided meanwhile
 */
export async function restoreRows(
  network: string,
  folded: FoldedNetwork,
  { all }: { readonly all: boolean },
  { redis, keys }: RestoreDeps,
): Promise<void> {
  for (const { tick, fields } of folded.rows) {
    const keyList = [keys.state(network), keys.ticks(network), keys.arrivals(network), keys.arrivalCount(network)];
    const args = [tick, all ? 1 : 0, ...Object.entries(fields).flat()];
    await runScript(redis, RESTORE_ROWS, [...keyList, keys.rows(network, tick)], args);
  }
}

/**
 * Puts state and alerts back, and takes back what a state without memory has opened meanwhile. Rows come first
 * (`restoreRows`), so that whoever decides next finds them.
 *
 * @param found the place that Redis was in
 * Throws `HashfallError` BACKUP_DAMAGED before anything is written.
 *
 * @returns the new place, or null when Redis went on meanwhile: look again
 */
export async function restoreState(
  network: string,
  folded: FoldedNetwork,
  found: Place,
  { redis, keys }: RestoreDeps,
): Promise<Place | null> {
  const { state, alerts, silences } = folded;
  const { bytes, told, open } = await unpack(folded);
  const strangers = await openStrangers(network, alerts, { redis, keys });
  const place = {
    version: Math.max(folded.version, found.version) + 1,
    tick: state.tick,
    lineage: state.lineage,
  };
  const ids = [...alerts.map(({ id }) => id), ...strangers.map(({ id }) => id)];
  const keyList = [
    ...[keys.state(network), keys.ticks(network), keys.arrivals(network), keys.log, keys.logMeta],
    ...[keys.openAlerts, keys.alerts, keys.view(network), keys.silences],
    ...ids.flatMap((id) => [keys.alert(id), keys.bundle(id)]),
  ];
  const kept = Object.entries(silences);
  const restored = await runScript(redis, RESTORE_STATE, keyList, [
    ...[found.version, found.lineage, place.version, place.tick],
    ...[formatSampleCursor({ tick: place.tick, arrival: 0 }), state.configHash, state.generation],
    ...[bytes, place.lineage, state.view, told, newEpoch()],
    ...[kept.length, ...kept.flat()],
    alerts.length,
    ...alerts.flatMap((alert) => {
      const fields = Object.entries(alert.fields);
      const bundle = Buffer.from(alert.bundle, "base64");
      return [alert.id, alert.score, open.has(alert.id) ? 1 : 0, bundle, fields.length, ...fields.flat()];
    }),
    strangers.length,
    ...strangers.flatMap((event) => [event.id, event.revision, Date.parse(event.at), JSON.stringify(event)]),
  ]);
  return restored === 1 ? place : null;
}

/** Whatever could be damaged, read before anything is written. */
async function unpack({ state, alerts }: FoldedNetwork) {
  try {
    const bytes = await inflate(Buffer.from(state.bytes, "base64"), { maxOutputLength: MAX_STATE_BYTES });
    const open = new Set(alerts.filter(isOpen).map(({ id }) => id));
    return { bytes, told: newestEntry(alerts), open };
  } catch (error) {
    throw new HashfallError("BACKUP_DAMAGED", `the backup cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

/** Alerts that a backup leaves open. */
export function openAlertsOf({ alerts }: FoldedNetwork): string[] {
  return alerts.filter(isOpen).map(({ id }) => id);
}

/** A revision in a record is `entry|sampledAt|detectedAt|publishedAt|json`. */
function revisionsOf({ fields }: Pick<AlertLine, "fields">): string[] {
  return Object.keys(fields)
    .filter((name) => /^\d+$/.test(name))
    .map((revision) => fields[revision] ?? "");
}

function eventIn(text: string): AlertEvent {
  return JSON.parse(text.split("|").slice(4).join("|")) as AlertEvent;
}

function isOpen({ fields }: Pick<AlertLine, "fields">): boolean {
  const latest = fields[fields.latest ?? ""];
  return latest !== undefined && eventIn(latest).type !== "resolved";
}

/** The newest entry of the log that any of the alerts was told in. */
function newestEntry(alerts: readonly AlertLine[]): string {
  const entries = alerts.flatMap(revisionsOf).map((text) => text.slice(0, text.indexOf("|")));
  return entries.reduce((newest, entry) => (compareStreamIds(entry, newest) > 0 ? entry : newest), "0-1");
}

/** Alerts of the network that Redis has open and the backup does not know, each ended as taken back. */
async function openStrangers(
  network: string,
  alerts: readonly AlertLine[],
  { redis, keys }: RestoreDeps,
): Promise<AlertEvent[]> {
  const known = new Set(alerts.map(({ id }) => id));
  const strangers: AlertEvent[] = [];
  for (const id of await redis.zrange(keys.openAlerts, "0", "-1")) {
    if (known.has(id)) continue;
    const fields = await redis.hgetall(keys.alert(id));
    if (fields.network !== network) continue;
    const newest = fields[fields.latest ?? ""];
    if (newest === undefined) continue;
    const latest = eventIn(newest);
    strangers.push({
      ...latest,
      type: "resolved",
      revision: latest.revision + 1,
      endedAt: latest.at,
      resolution: "retracted",
    } as AlertEvent);
  }
  return strangers;
}
