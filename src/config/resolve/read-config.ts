/** Configuration text against a schema, with every fault that stands in the way of a `Config`. */
import type { z } from "zod";
import type { DocumentReader } from "../reading/document.ts";
import type { Fault } from "../reading/faults.ts";
import type { JsonSchema } from "../reading/json-schema.ts";
import { readAgainst } from "../reading/reader.ts";
import type { Environment } from "../reading/references.ts";
import type { ConfigFile } from "../schema/config-file.ts";
import { resolveConfig } from "./config.ts";
import type { KnownTypes } from "./known-types.ts";
import type { Config } from "./resolved.ts";

export interface LoadOptions {
  /** Where `${env:NAME}`, tokens and REDIS_URL come from; the process's own environment if absent. */
  readonly env?: Environment;
  /**
   * For a replay, which asks nobody: references that cannot be followed are no fault, and the sections `redis`,
   * `server` and `webhooks` are not read. The hash is that of the live run.
   */
  readonly offline?: boolean;
}

/** @param by how a file's text is read, against which schema, and the types of sources that it lets through */
export function readConfig(
  text: string,
  options: LoadOptions & { readonly file: string },
  by: {
    readonly read: DocumentReader;
    readonly schema: z.ZodType<ConfigFile>;
    readonly schemaForHints: () => JsonSchema;
    readonly types: KnownTypes;
  },
): { readonly config: Config | undefined; readonly faults: readonly Fault[] } {
  const env = options.env ?? process.env;
  const from = { file: options.file, env, offline: options.offline === true };
  const document = by.read(text, options.file);
  const { value, faults } = readAgainst(document, from, by.schema, by.schemaForHints);
  if (value === undefined) return { config: undefined, faults };
  const config = resolveConfig(value, by, document, env, faults);
  return { config: faults.length > 0 ? undefined : config, faults };
}
