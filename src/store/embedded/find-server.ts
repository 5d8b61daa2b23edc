/**
 * Finds a real Redis to start: the one that was named, valkey-server or redis-server on PATH, a copy in the cache, or one
 * fetched into the cache without root. REDIS_URL comes before all of them and is the caller's.
 */
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { HashfallError, messageOf } from "../../model/errors.ts";
import { DIGEST_FILE, fetchByApt, unpackedServer } from "./apt-fetch.ts";
import { type OperatingSystem, waysToRedis } from "./operating-system.ts";
import { digestOf, notOursAlone, readOwnFile } from "./own-files.ts";
import { namedServer, probeServer, type ServerBinary } from "./server-binary.ts";

export interface FindServerOptions {
  /** Named by the configuration or a flag. */
  readonly serverBin?: string;
  readonly fetchServer: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly system: OperatingSystem;
  readonly say: (line: string) => void;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Folder of the cached copy for this system. */
function cacheFolder({ env, system }: FindServerOptions): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "hashfall", "redis", system.label);
}

/** Why a cached program is not the one that we fetched, or null. */
function cacheRefusal(folder: string, command: string): string | null {
  try {
    const reason = notOursAlone(command);
    if (reason !== null) return reason;
    return readOwnFile(join(folder, DIGEST_FILE)).trim() === digestOf(command)
      ? null
      : "its digest is not that of the file that was fetched";
  } catch (error) {
    return messageOf(error).startsWith("ENOENT") ? "it has no digest of the file that was fetched" : messageOf(error);
  }
}

async function cachedServer(folder: string, env: NodeJS.ProcessEnv): Promise<ServerBinary | string> {
  const { command, libraries } = await unpackedServer(folder);
  if (!isExecutable(command)) return "";
  const refusal = cacheRefusal(folder, command);
  if (refusal !== null) return `the cached ${command} is not run: ${refusal}; delete ${folder} to fetch it again`;
  const inherited = env.LD_LIBRARY_PATH ? [env.LD_LIBRARY_PATH] : [];
  const probe = await probeServer(command, { LD_LIBRARY_PATH: [...libraries, ...inherited].join(delimiter) }, env);
  return probe.ok ? probe.binary : probe.why;
}

/** Throws `HashfallError` REDIS_NOT_FOUND with the commands for this system, or REDIS_SERVER_BIN_INVALID. */
export async function findServer(options: FindServerOptions): Promise<ServerBinary> {
  const { env, system, say } = options;
  if (options.serverBin) return namedServer(options.serverBin, "redis.serverBin", env);
  if (env.REDIS_SERVER_BIN) return namedServer(env.REDIS_SERVER_BIN, "REDIS_SERVER_BIN", env);

  const reasons: string[] = [];
  for (const name of ["valkey-server", "redis-server"]) {
    const command = onPath(name, env);
    if (command === undefined) continue;
    const probe = await probeServer(command, {}, env);
    if (probe.ok) return probe.binary;
    reasons.push(probe.why);
  }

  const folder = cacheFolder(options);
  const cached = await cachedServer(folder, env);
  if (typeof cached !== "string") return cached;
  if (cached !== "") reasons.push(cached);

  if (!options.fetchServer) reasons.push("fetching one is switched off (redis.fetchServer)");
  else if (cached === "" && onPath("apt-get", env) !== undefined && onPath("dpkg-deb", env) !== undefined) {
    const failure = await fetchByApt({ target: folder, env, say });
    const fetched = failure === undefined ? await cachedServer(folder, env) : failure;
    if (typeof fetched !== "string") return fetched;
    reasons.push(`fetching one failed: ${fetched || "the package has no redis-server"}`);
  }
  const why = reasons.length === 0 ? "" : ` (${reasons.join("; ")})`;
  throw new HashfallError("REDIS_NOT_FOUND", `no Redis to start${why}. Any of these helps: ${waysToRedis(system)}`);
}
