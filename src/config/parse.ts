/** Configuration text -> `Config`, of whatever sources. */
import { SOURCE_TYPES } from "../sources/registry.ts";
import { WITNESS_TYPES } from "../sources/witness/registry.ts";
import { parseConfigDocument } from "./reading/document.ts";
import { ConfigError } from "./reading/faults.ts";
import { type LoadOptions, readConfig } from "./resolve/read-config.ts";
import type { Config } from "./resolve/resolved.ts";
import { ConfigFile } from "./schema/config-file.ts";
import { configJsonSchema } from "./schema/generated-schema.ts";

/**
 * Reads a configuration from text. Files that it names (weights, secrets) are relative to `file`.
 *
 * @throws `HashfallError` `CONFIG_INVALID` (a `ConfigError`), one line for every fault
 */
export function parseConfig(text: string, options: LoadOptions & { readonly file: string }): Config {
  const types = { sources: SOURCE_TYPES, witnesses: WITNESS_TYPES };
  const by = { read: parseConfigDocument, schema: ConfigFile, schemaForHints: configJsonSchema, types };
  const { config, faults } = readConfig(text, options, by);
  if (config === undefined) throw new ConfigError(faults);
  return config;
}
