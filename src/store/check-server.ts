/** Checks which Redis a connection leads to, and whether hashfall can rely on it. */
import { Cluster, type Redis } from "ioredis";
import { HashfallError, messageOf } from "../model/errors.ts";
import type { RedisClient } from "./connect.ts";
import { isAtLeast, MINIMUM_VERSION } from "./version.ts";

export interface ServerReport {
  /** Like `7.0.15`; the compatible Redis version of a Valkey. */
  readonly version: string;
  /** `unknown` where a managed Redis does not tell; then a warning is logged once and shown in /readyz. */
  readonly eviction: "noeviction" | "unknown";
  /** Whether writes reach a disk; `unknown` where Redis does not tell. */
  readonly appendOnly: boolean | "unknown";
  /** One line each, for the log and /readyz. */
  readonly warnings: readonly string[];
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1]?.trim();
}

/** The answer of a command that a managed Redis may forbid; undefined when it does. */
async function ifAllowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (/NOPERM|unknown command|unknown subcommand|not allowed|disabled|not supported/i.test(messageOf(error))) {
      return undefined;
    }
    throw error;
  }
}

async function evictionPolicy(node: Redis): Promise<string | undefined> {
  const setting = await ifAllowed(node.config("GET", "maxmemory-policy"));
  if (Array.isArray(setting) && typeof setting[1] === "string") return setting[1];
  // Managed services that forbid CONFIG often still report it here.
  const info = await ifAllowed(node.info("memory"));
  return info === undefined ? undefined : field(info, "maxmemory_policy");
}

async function checkNode(node: Redis): Promise<ServerReport> {
  const info = await ifAllowed(node.info("server"));
  const version = info === undefined ? undefined : field(info, "redis_version");
  if (version !== undefined && !isAtLeast(version, MINIMUM_VERSION)) {
    throw new HashfallError("REDIS_TOO_OLD", `this Redis is ${version}; hashfall needs ${MINIMUM_VERSION} or newer`);
  }
  const policy = await evictionPolicy(node);
  if (policy !== undefined && policy !== "noeviction") {
    throw new HashfallError(
      "REDIS_EVICTION",
      `this Redis throws keys away when memory is short (maxmemory-policy ${policy}); hashfall needs noeviction: ` +
        "redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf",
    );
  }
  const persistence = await ifAllowed(node.info("persistence"));
  const aof = persistence === undefined ? undefined : field(persistence, "aof_enabled");
  const warnings = [];
  if (version === undefined) warnings.push("this Redis does not say its version; 6.2 or newer is needed");
  if (policy === undefined) {
    warnings.push("this Redis does not say its eviction policy; it must be noeviction, or alerts can be lost");
  }
  if (aof === "0")
    warnings.push("this Redis keeps no append-only file; a crash of it loses what came since its snapshot");
  return {
    version: version ?? "unknown",
    eviction: policy === undefined ? "unknown" : "noeviction",
    appendOnly: aof === undefined ? "unknown" : aof === "1",
    warnings,
  };
}

/**
 * Asks the server (every master of a cluster) for its version and settings.
 *
 * Throws `HashfallError` REDIS_EVICTION, REDIS_TOO_OLD, REDIS_AUTH (mistakes), REDIS_UNREACHABLE (temporary).
 */
export async function checkServer(redis: RedisClient): Promise<ServerReport> {
  // A command that waits for a connection fails by its number of attempts. Only this error says why no connection came up.
  let refusal: Error | undefined;
  const keep = (error: Error): void => {
    refusal = error;
  };
  redis.on("error", keep);
  try {
    await redis.ping();
    const nodes = redis instanceof Cluster ? redis.nodes("master") : [redis];
    const reports = await Promise.all(nodes.map(checkNode));
    const worst = reports.find((report) => report.warnings.length > 0) ?? reports[0];
    if (worst === undefined) throw new Error("the cluster has no master");
    return worst;
  } catch (error) {
    if (error instanceof HashfallError) throw error;
    if (/NOAUTH|WRONGPASS/.test(messageOf(error))) {
      throw new HashfallError("REDIS_AUTH", `Redis refuses the user or password in its URL: ${messageOf(error)}`);
    }
    throw new HashfallError("REDIS_UNREACHABLE", `Redis does not answer: ${messageOf(refusal ?? error)}`, {
      kind: "temporary",
      cause: error,
    });
  } finally {
    redis.off("error", keep);
  }
}
