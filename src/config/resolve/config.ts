/** The file's sections as the rest of hashfall is handed them: defaults applied, times in milliseconds, secrets read. */

import type { ConfigDocument, KeyPath } from "../reading/document.ts";
import type { Fault } from "../reading/faults.ts";
import { faultAt } from "../reading/reader.ts";
import type { Environment } from "../reading/references.ts";
import type { ConfigFile } from "../schema/config-file.ts";
import { DEFAULT_BACKUP_MEGABYTES, DEFAULT_BACKUP_SNAPSHOT_TICKS } from "../schema/defaults.ts";
import { milliseconds } from "../schema/durations.ts";
import { bareHost } from "../schema/host.ts";
import { hashOf } from "./hash.ts";
import { type Report, resolveNetwork } from "./network.ts";
import { resolvePush } from "./push.ts";
import { regionsOf } from "./regions.ts";
import type {
  BackupConfig,
  Config,
  HeartbeatConfig,
  NetworkConfig,
  PushSender,
  RedisConfig,
  ServerConfig,
} from "./resolved.ts";
import { makeSecretAt, type SecretAt } from "./secrets.ts";
import { resolveWebhooks } from "./webhooks.ts";
import { readWeights, weightsFileOf } from "./weights-file.ts";

const BACKUP_DEFAULTS: { folder?: string; megabytes: number; snapshotTicks: number } = {
  megabytes: DEFAULT_BACKUP_MEGABYTES,
  snapshotTicks: DEFAULT_BACKUP_SNAPSHOT_TICKS,
};

export interface Findings {
  /** What is found is added here; the result is only of use when it stayed empty. */
  readonly faults: Fault[];
  /** Told of secrets that are not set here; they are faults when absent. */
  readonly onMissingSecret?: ((fault: Fault) => void) | undefined;
  /** Whether a fault at this place counts; all of them when absent. */
  readonly counts?: (path: KeyPath) => boolean;
}

export function resolveConfig(
  file: ConfigFile,
  document: ConfigDocument,
  env: Environment,
  { faults, onMissingSecret = (fault) => void faults.push(fault), counts = () => true }: Findings,
): Config {
  const report = (path: KeyPath, text: string) => {
    if (counts(path)) faults.push(faultAt(document, path, text));
  };
  const secretAt = makeSecretAt(env, (path, text) => onMissingSecret(faultAt(document, path, text)));
  const networks = Object.entries(file.networks)
    .map(([name, network]) => {
      const shared = readWeights(name, network, document, env, faults);
      const settings = { webPageSources: file.webPageSources, pushed: pushedRegions(file, name) };
      return resolveNetwork(name, network, shared, settings, report);
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const namedRegions = (of: NetworkConfig) => ({
    declared: Object.keys(file.networks[of.name]?.regions ?? {}),
    known: regionsOf(of),
  });
  const push = resolvePush(file.server.push, networks, namedRegions, secretAt, report);
  return {
    networks: networks.map((network) => ({ ...network, senders: sendersOf(network.name, push) })),
    ...(file.contact === undefined ? {} : { contact: file.contact }),
    redis: redisConfig(file.redis, env),
    server: { ...serverConfig(file.server, secretAt), push },
    webhooks: resolveWebhooks(file.webhooks, Object.keys(file.networks), secretAt, report),
    ...heartbeatConfig(file.heartbeat, report),
    retention: {
      samplesMs: milliseconds(file.retention.samples),
      estimatesMs: milliseconds(file.retention.estimates),
      hourlyEstimatesMs: milliseconds(file.retention.hourlyEstimates),
      alertsMs: milliseconds(file.retention.alerts),
      ...backupConfig(file.retention.backup),
    },
    dataDir: file.dataDir,
    logLevel: file.logging.level,
    hash: hashOf(networks.map((network) => network.model.configHash)),
    files: weightFiles(file, document),
  };
}

function backupConfig(backup: ConfigFile["retention"]["backup"]): { backup?: BackupConfig } {
  if (backup === undefined || backup === false) return {};
  const { folder, megabytes, snapshotTicks } = { ...BACKUP_DEFAULTS, ...(backup === true ? {} : backup) };
  return { backup: { ...(folder === undefined ? {} : { folder }), maxBytes: megabytes * 1e6, snapshotTicks } };
}

function heartbeatConfig(heartbeat: ConfigFile["heartbeat"], report: Report): { heartbeat?: HeartbeatConfig } {
  if (heartbeat === undefined) return {};
  const { url, interval, allowPrivate } = heartbeat;
  if (!allowPrivate && new URL(url).protocol !== "https:")
    report(["heartbeat", "url"], "must be https; `allowPrivate: true` allows http inside of your own network");
  return { heartbeat: { url, intervalMs: milliseconds(interval), allowPrivate } };
}

function redisConfig(redis: ConfigFile["redis"], env: Environment): RedisConfig {
  // The environment wins: it is what a container's operator can change without touching the file.
  const url = env.REDIS_URL || redis.url;
  return {
    ...(url === undefined ? {} : { url }),
    keyTag: redis.keyTag,
    ...(redis.serverBin === undefined ? {} : { serverBin: redis.serverBin }),
    fetchServer: redis.fetchServer,
  };
}

function serverConfig(server: ConfigFile["server"], secretAt: SecretAt): ServerConfig {
  const tokens = server.tokens.map(({ name, token, scopes }, i) => ({
    name,
    token: secretAt(["server", "tokens", i, "token"], token) ?? "",
    scopes,
  }));
  return {
    host: bareHost(server.host),
    port: server.port,
    tokens,
    allowedHosts: server.allowedHosts,
    allowedOrigins: server.allowedOrigins,
    heartbeatSeconds: milliseconds(server.heartbeat) / 1000,
    maxClients: server.maxClients,
    ...(server.publicUrl === undefined ? {} : { publicUrl: server.publicUrl.replace(/\/+$/, "") }),
  };
}

/** Regions whose figures somebody may send to a network; a sender that names no network means the only one. */
function pushedRegions(file: ConfigFile, name: string): readonly string[] {
  const isOnly = Object.keys(file.networks).length === 1;
  return Object.values(file.server.push).flatMap(({ network, regions }) =>
    network === name || (network === undefined && isOnly) ? regions : [],
  );
}

function sendersOf(name: string, push: readonly PushSender[]): NonNullable<NetworkConfig["senders"]> {
  return push
    .filter(({ network }) => network === name)
    .map(({ name: sender, pools, regions, wholePools }) => ({ name: sender, pools, regions, wholePools }));
}

function weightFiles(file: ConfigFile, document: ConfigDocument): readonly string[] {
  const named = Object.values(file.networks).map((network) => weightsFileOf(network, document));
  return [...new Set(named.filter((path) => path !== undefined))];
}
