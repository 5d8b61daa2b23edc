/** The configuration's JSON schema: for editors, for the table in config/docs/configuration.md and for "did you mean". */
import { z } from "zod";
import type { JsonSchema } from "../reading/json-schema.ts";
import { ConfigFile } from "./config-file.ts";

/** Every key in its place, to be walked. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(ConfigFile, { io: "input", reused: "inline" }) as JsonSchema;
}

/** What `config/schema.json` holds: the same with what is said twice said once. */
export function editorJsonSchema(): object {
  return { ...z.toJSONSchema(ConfigFile, { io: "input", reused: "ref" }), title: "hashfall configuration" };
}
