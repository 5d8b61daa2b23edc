/** The tables in config/docs of every configuration key and every source type, made from the schema itself. */
import { SOURCE_TYPES } from "../../sources/registry.ts";
import { WITNESS_TYPES } from "../../sources/witness/registry.ts";
import { alternatives, type JsonSchema } from "../reading/json-schema.ts";
import { formatDuration } from "./durations.ts";
import { configJsonSchema } from "./generated-schema.ts";
import { COMMON_SOURCE_KEYS } from "./source.ts";

interface Row {
  readonly key: string;
  readonly standard: string;
  readonly meaning: string;
}

/** Markdown: key, default, meaning. A `*` in a key stands for a name of yours. */
export function configTable(): string {
  return markdown(
    ["key", "default", "meaning"],
    rowsOf(configJsonSchema(), "").map((r) => [`\`${r.key}\``, r.standard, r.meaning]),
  );
}

/** Markdown: type, what it says, whether it needs a key, how often it is asked at most, options of its own. */
export function sourceTable(): string {
  const rows = Object.values(SOURCE_TYPES).map((type) => [
    `\`${type.type}\``,
    type.describe.summary,
    { none: "no", optional: "optional", required: "yes" }[type.describe.key],
    formatDuration(type.defaults.minIntervalMs),
    Object.keys(type.schema.shape)
      .map((key) => `\`${key}\``)
      .join(", "),
  ]);
  const witnesses = Object.values(WITNESS_TYPES).map((type) => [
    `\`${type.type}\` (witness)`,
    type.summary,
    { none: "no", required: "yes" }[type.key],
    formatDuration(type.defaults.minIntervalMs),
    Object.keys(type.schema.shape)
      .map((key) => `\`${key}\``)
      .join(", "),
  ]);
  rows.push(...witnesses);
  return markdown(["type", "what it says", "key", "asked every", "own options"], rows);
}

function rowsOf(schema: JsonSchema, key: string): Row[] {
  const inside = keyed(schema);
  if (inside.length === 0) return [];
  const seen = new Set<string>();
  return inside.flatMap((object) =>
    children(object).flatMap(([name, child, required]) => {
      const path = key === "" ? name : `${key}${schema.items === undefined ? "" : "[]"}.${name}`;
      if (seen.has(path) || isSourceOption(path)) return [];
      seen.add(path);
      const below = rowsOf(child, path);
      const meaning = name === "type" ? "which API: see the table of sources" : (child.description ?? "");
      const own = { key: path, standard: standardOf(child, required), meaning };
      return own.meaning === "" ? below : [own, ...below];
    }),
  );
}

/** Options of one type of source have a table of their own. */
function isSourceOption(path: string): boolean {
  const option = /\.source\.([^.]+)$/.exec(path)?.[1] ?? /\.(?:sources|witnesses)\.\*\.([^.]+)$/.exec(path)?.[1];
  const common: readonly string[] = COMMON_SOURCE_KEYS;
  return option !== undefined && !common.includes(option);
}

/** The alternatives of a schema that have keys of their own; a list's entries count as the list's. */
function keyed(schema: JsonSchema): readonly JsonSchema[] {
  const entries = schema.items === undefined ? [schema] : [schema.items];
  return entries
    .flatMap(alternatives)
    .filter((s) => s.properties !== undefined || typeof s.additionalProperties === "object");
}

function children(schema: JsonSchema): readonly (readonly [string, JsonSchema, boolean])[] {
  const named = Object.entries(schema.properties ?? {}).map(
    ([name, child]) => [name, child, schema.required?.includes(name) ?? false] as const,
  );
  const any = schema.additionalProperties;
  return typeof any === "object" ? [...named, ["*", any, false] as const] : named;
}

function standardOf(schema: JsonSchema, required: boolean): string {
  const value = schema.default;
  if (value === undefined) return required ? "required" : "";
  if (typeof value === "object") return Array.isArray(value) && value.length > 0 ? `\`${value.join(", ")}\`` : "";
  return `\`${String(value)}\``;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
