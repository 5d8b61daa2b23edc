/** A redis-server or valkey-server on this machine, and whether it is new enough. */
import { HashfallError } from "../../model/errors.ts";
import { isAtLeast, MINIMUM_VERSION } from "../version.ts";
import { runCommand } from "./run-command.ts";

export interface ServerBinary {
  readonly command: string;
  /** Added to the server's environment: where a fetched one finds its libraries. */
  readonly env: Readonly<Record<string, string>>;
  /** Like `Redis 7.0.15`. */
  readonly version: string;
}

export type Probe = { readonly ok: true; readonly binary: ServerBinary } | { readonly ok: false; readonly why: string };

/** Asks a binary for its version. */
export async function probeServer(
  command: string,
  extraEnv: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Promise<Probe> {
  const result = await runCommand(command, ["--version"], { env: { ...env, ...extraEnv }, timeoutMs: 10_000 });
  if (!result.ok) return { ok: false, why: result.why };
  const match = /\b(Redis|Valkey)\b.*?\bv=(\d+\.\d+\.\d+)/i.exec(result.stdout);
  if (!match) return { ok: false, why: `${command} does not say that it is a Redis or Valkey server` };
  const [, name = "", version = ""] = match;
  if (!isAtLeast(version, MINIMUM_VERSION)) {
    return { ok: false, why: `${command} is ${name} ${version}, and ${MINIMUM_VERSION} or newer is needed` };
  }
  return { ok: true, binary: { command, env: extraEnv, version: `${name} ${version}` } };
}

/** The binary that somebody named; throws `HashfallError` REDIS_SERVER_BIN_INVALID when it will not do. */
export async function namedServer(command: string, namedBy: string, env: NodeJS.ProcessEnv): Promise<ServerBinary> {
  const probe = await probeServer(command, {}, env);
  if (probe.ok) return probe.binary;
  throw new HashfallError("REDIS_SERVER_BIN_INVALID", `${namedBy} names ${command}, which will not do: ${probe.why}`);
}
