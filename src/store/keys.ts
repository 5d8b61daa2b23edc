/**
 * Every key name of the store, in one place. ONE hash tag for all of them: a commit touches state, log and estimates in
 * one Lua call, and a cluster only runs that when all keys lie in one slot. A cluster is for availability here, not size.
 */
import { HashfallError } from "../model/errors.ts";

export interface Keys {
  /** Prefix for BullMQ's queues: the same slot, a name space of its own. */
  readonly queuePrefix: string;
  /** Never holds anything: commands are tried on it to check a user's permissions. */
  readonly probe: string;
  /** string: written again and again, to see whether Redis still takes writes. */
  readonly writeCheck: string;
  /** hash: number, hash of the configuration generation in force. */
  readonly generation: string;
  /** stream: the one alert log of all networks; ids by the server. */
  readonly log: string;
  /** hash: epoch of the log, id up to which it was trimmed. */
  readonly logMeta: string;
  /** zset: ids of open alerts by data time of their newest event. */
  readonly openAlerts: string;
  /** zset: ids of all alerts by data time of their newest event. */
  readonly alerts: string;
  /** hash: all revisions of one alert, and who took note of it. */
  alert(id: string): string;
  /** string: evidence of the newest revision, deflated. */
  bundle(id: string): string;
  /** hash: silences by id. */
  readonly silences: string;
  /** hash: webhook -> cursor of the last event that was queued for it. */
  readonly webhookCursors: string;
  /** hash: webhook -> digest of the address that answered 410 Gone. */
  readonly disabledWebhooks: string;
  /** hash: webhook and alert -> what a silence kept from it. */
  readonly mutedAlerts: string;
  /** string: held by the process that sends a webhook's open alerts again. */
  webhookLease(webhook: string): string;
  /** string: answer to a push, by a digest of its sender and id. */
  pushId(digest: string): string;
  /** hash: version, tick, cursor, bytes, configHash, generation. */
  state(network: string): string;
  /** string: the newest view as JSON. */
  view(network: string): string;
  /** string: the health of each source, as JSON. */
  sourceHealth(network: string): string;
  /** zset: stored ticks, by data time. */
  ticks(network: string): string;
  /** zset: undecided ticks, by the number of the newest arrival. */
  arrivals(network: string): string;
  /** string: counts arrivals. */
  arrivalCount(network: string): string;
  /** hash: the rows of one tick. */
  rows(network: string, tick: number): string;
  /** stream: regional estimates of each tick, ids are data time. */
  estimates(network: string): string;
  /** stream: the same, means over an hour. */
  hourlyEstimates(network: string): string;
  /** hash: leases on ticks that are being polled. */
  claims(network: string): string;
  /** zset: ticks that were polled. */
  done(network: string): string;
}

/**
 * Keys of one installation.
 * @param tag hash tag: 1 to 32 letters, digits, dashes or underscores; keeps two installations on one Redis apart
 */
export function makeKeys(tag: string): Keys {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(tag)) {
    throw new HashfallError(
      "KEY_TAG_INVALID",
      `redis.keyTag is "${tag}"; allowed are 1 to 32 letters, digits, "-" and "_"`,
    );
  }
  const key = (...parts: readonly (string | number)[]): string => [`{${tag}}`, ...parts].join(":");
  return {
    queuePrefix: key("jobs"),
    probe: key("probe"),
    writeCheck: key("write-check"),
    generation: key("generation"),
    log: key("log"),
    logMeta: key("log-meta"),
    openAlerts: key("open"),
    alerts: key("alerts"),
    alert: (id) => key("alert", id),
    bundle: (id) => key("bundle", id),
    silences: key("silences"),
    webhookCursors: key("webhook-places"),
    disabledWebhooks: key("webhooks-gone"),
    mutedAlerts: key("webhook-muted"),
    webhookLease: (webhook) => key("webhook-lease", webhook),
    pushId: (digest) => key("push", digest),
    state: (network) => key("state", network),
    view: (network) => key("view", network),
    sourceHealth: (network) => key("source-health", network),
    ticks: (network) => key("ticks", network),
    arrivals: (network) => key("arrivals", network),
    arrivalCount: (network) => key("arrival-count", network),
    rows: (network, tick) => key("rows", network, tick),
    estimates: (network) => key("estimates", network),
    hourlyEstimates: (network) => key("hourly", network),
    claims: (network) => key("claims", network),
    done: (network) => key("done", network),
  };
}
