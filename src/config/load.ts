/** Configuration file -> `Config`. Every fault is named at once, each with file, line, key, value and what is allowed. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { HashfallError } from "../model/errors.ts";
import { jsonDocument } from "./reading/json-document.ts";
import { NO_TYPES } from "./resolve/known-types.ts";
import { type LoadOptions, readConfig } from "./resolve/read-config.ts";
import type { Config } from "./resolve/resolved.ts";
import { SourcelessFile } from "./schema/sourceless-schema.ts";

/**
 * Reads a configuration file.
 *
 * @throws `HashfallError` `CONFIG_UNREADABLE` when there is no such file, `CONFIG_INVALID` (a `ConfigError`) for its faults
 */
export async function loadConfigFile(path: string, options: LoadOptions = {}): Promise<Config> {
  const text = await readText(path);
  const from = { file: path, ...options };
  if (options.offline === true) {
    // History is often replayed under pools and weights alone, written by a program: no adapter need be loaded then, and
    // no reader of YAML. Whatever is wrong with such a file, or more in it, is for the reader of all files.
    const read = text.startsWith("{") ? jsonDocument : (await import("./reading/document.ts")).parseConfigDocument;
    const by = { read, schema: SourcelessFile, schemaForHints: () => ({}), types: NO_TYPES };
    const { config } = readConfig(text, from, by);
    if (config !== undefined) return config;
  }
  const { parseConfig } = await import("./parse.ts");
  return parseConfig(text, from);
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
