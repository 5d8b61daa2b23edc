/** Configuration file -> `Config`. Every fault is named at once, each with file, line, key, value and what is allowed. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { HashfallError } from "../model/errors.ts";
import { type ConfigDocument, type KeyPath, parseConfigDocument } from "./reading/document.ts";
import { ConfigError, type Fault } from "./reading/faults.ts";
import { readAgainst, valueIn } from "./reading/reader.ts";
import type { Environment } from "./reading/references.ts";
import { holdsForWholeFile, type Remainder } from "./reading/remainder.ts";
import { resolveConfig } from "./resolve/config.ts";
import type { Config } from "./resolve/resolved.ts";
import { ConfigFile } from "./schema/config-file.ts";
import { configJsonSchema } from "./schema/generated-schema.ts";

export interface LoadOptions {
  /** Where `${env:NAME}`, tokens and REDIS_URL come from; the process's own environment if absent. */
  readonly env?: Environment;
  /**
   * For a replay, which asks nobody: references that cannot be followed are no fault, and the sections `redis`,
   * `server` and `webhooks` are not read. The hash is that of the live run.
   */
  readonly offline?: boolean;
  /** For whoever reads the store alone: the sections `server` and `webhooks` are not read, and no secret of a source is needed. */
  readonly storeOnly?: boolean;
  /** For a check, which sends nothing: told of every secret that is not set here, instead of a fault. */
  readonly onMissingSecret?: (fault: Fault) => void;
}

/**
 * Reads a configuration file.
 *
 * @throws `HashfallError` `CONFIG_UNREADABLE` when there is no such file, `CONFIG_INVALID` (a `ConfigError`) for its faults
 */
export async function loadConfigFile(path: string, options: LoadOptions = {}): Promise<Config> {
  return parseConfig(await readText(path), { file: path, ...options });
}

/**
 * Reads a configuration from text. Files that it names (weights, secrets) are relative to `file`.
 *
 * @throws `HashfallError` `CONFIG_INVALID` (a `ConfigError`), one line for every fault
 */
export function parseConfig(text: string, options: LoadOptions & { readonly file: string }): Config {
  const env = options.env ?? process.env;
  const { offline = false, storeOnly = false, onMissingSecret } = options;
  const from = { file: options.file, env, offline, storeOnly, onMissingSecret };
  const document = parseConfigDocument(text, options.file);
  const { value, faults, remainder } = readAgainst(document, from, ConfigFile, configJsonSchema);
  if (value === undefined) {
    if (remainder !== undefined) faults.push(...laterFaults(remainder, document, env));
    throw new ConfigError(faults);
  }
  const config = resolveConfig(value, document, env, { faults, onMissingSecret });
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** Faults that only a read configuration shows, in what is left of a file that cannot be read as a whole. */
function laterFaults({ value, leftOut }: Remainder<ConfigFile>, document: ConfigDocument, env: Environment): Fault[] {
  const faults: Fault[] = [];
  const isWritten = (path: KeyPath) => valueIn(document.value, path) !== undefined;
  const counts = (path: KeyPath) => holdsForWholeFile(path, leftOut, isWritten(path));
  resolveConfig(value, document, env, { faults, counts, onMissingSecret: () => undefined });
  return faults;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(resolve(path), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "it is a folder"
          : `it cannot be read (${code})`;
    throw new HashfallError("CONFIG_UNREADABLE", `${path}: ${why}; name a configuration with --config FILE`, {
      cause: error,
    });
  }
}
