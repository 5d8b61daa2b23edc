/** The file's sections as the rest of hashfall is handed them: defaults applied, times in milliseconds, secrets read. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { messageOf } from "../model/errors.ts";
import { makeSecretReader } from "../sources/secret.ts";
import type { ConfigDocument, KeyPath } from "./document.ts";
import { parseDuration } from "./durations.ts";
import type { Fault } from "./faults.ts";
import { hashOf } from "./hash.ts";
import type { JsonSchema } from "./json-schema.ts";
import { faultAt, readAgainst } from "./reader.ts";
import type { Environment } from "./references.ts";
import { resolveNetwork } from "./resolve-network.ts";
import type { Config, RedisConfig, ServeConfig } from "./resolved.ts";
import { type ConfigFile, WeightsFile } from "./schema.ts";
import type { WeightsOfPool } from "./weights.ts";

/** @param faults what is found is added here; the result is only of use when it stayed empty */
export function resolveConfig(
  file: ConfigFile,
  document: ConfigDocument,
  env: Environment,
  faults: Fault[],
  weightsSchema: () => JsonSchema,
): Config {
  const report = (path: KeyPath, text: string) => {
    faults.push(faultAt(document, path, text));
  };
  const networks = Object.entries(file.networks)
    .map(([name, network]) => {
      const shared = sharedWeights(name, network.weights, document, env, faults, weightsSchema);
      return resolveNetwork(name, network, shared, { webPageSources: file.webPageSources }, report);
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    networks,
    redis: redisConfig(file.redis, env),
    serve: serveConfig(file.server, env, report),
    retention: {
      samplesMs: milliseconds(file.retention.samples),
      estimatesMs: milliseconds(file.retention.estimates),
      hourlyEstimatesMs: milliseconds(file.retention.hourlyEstimates),
      alertsMs: milliseconds(file.retention.alerts),
    },
    dataDir: file.dataDir,
    logLevel: file.logging.level,
    hash: hashOf(networks.map((network) => network.model.configHash)),
    files: weightFiles(file, document),
  };
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

function serveConfig(
  server: ConfigFile["server"],
  env: Environment,
  report: (path: KeyPath, text: string) => void,
): ServeConfig {
  const read = makeSecretReader(env);
  const tokens = server.tokens.map(({ name, token, scopes }, i) => {
    try {
      return { name, token: read(token), scopes };
    } catch (error) {
      report(["server", "tokens", i, "token"], messageOf(error));
      return { name, token: "", scopes };
    }
  });
  return {
    host: server.host,
    port: server.port,
    tokens,
    allowedHosts: server.allowedHosts,
    allowedOrigins: server.allowedOrigins,
    heartbeatSeconds: milliseconds(server.heartbeat) / 1000,
    maxClients: server.maxClients,
  };
}

function weightFiles(file: ConfigFile, document: ConfigDocument): readonly string[] {
  const named = Object.values(file.networks).flatMap(({ weights }) => (weights === undefined ? [] : [weights]));
  return [...new Set(named.map((path) => resolve(dirname(document.file), path)))];
}

/** The weights file of a network: its faults are named with its own name and lines. */
function sharedWeights(
  network: string,
  path: string | undefined,
  document: ConfigDocument,
  env: Environment,
  faults: Fault[],
  schema: () => JsonSchema,
): Readonly<Record<string, WeightsOfPool>> {
  if (path === undefined) return {};
  const file = resolve(dirname(document.file), path);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    faults.push(
      faultAt(
        document,
        ["networks", network, "weights"],
        `"${path}" cannot be read (${code}); allowed: a file of region weights, relative to this one`,
      ),
    );
    return {};
  }
  const read = readAgainst(text, { file, env }, WeightsFile, schema);
  faults.push(...read.faults);
  return read.value?.pools ?? {};
}

function milliseconds(duration: string): number {
  return parseDuration(duration) ?? Number.NaN;
}
