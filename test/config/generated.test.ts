import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configJsonSchema, editorJsonSchema } from "../../src/config/schema/generated-schema.ts";
import { COMMON_SOURCE_KEYS } from "../../src/config/schema/source.ts";
import { configTable, sourceTable } from "../../src/config/schema/tables.ts";
import { SOURCE_TYPES } from "../../src/sources/registry.ts";
import { ROOT } from "../house/source-files.ts";

const BEHIND = "generated files are behind the code: run `npm run schema`";

describe("what is generated from the schema", () => {
  it("config/schema.json says what the code says", () => {
    const shipped: unknown = JSON.parse(readFileSync(join(ROOT, "config/schema.json"), "utf8"));
    expect(shipped, BEHIND).toEqual(JSON.parse(JSON.stringify(editorJsonSchema())));
  });

  it.each([
    ["config/docs/configuration.md", "config", configTable],
    ["config/docs/sources.md", "sources", sourceTable],
  ])("the table in %s says what the code says", (page, name, table) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    const marked = new RegExp(`<!-- ${name}:begin -->\n([\\s\\S]*?)\n?<!-- ${name}:end -->`).exec(text);
    expect(marked?.[1], BEHIND).toBe(table());
  });

  it("the table has a row with a meaning for every key", () => {
    const rows = configTable().split("\n").slice(2);
    const keys = rows.map((row) => row.split(" | ")[0]?.replace(/^\| /, ""));
    for (const key of [
      "networks.*.interval",
      "networks.*.pools.*.window",
      "networks.*.detection.falseAlarmsPerMonth",
      "redis.url",
      "server.tokens[].token",
      "retention.samples",
      "dataDir",
    ]) {
      expect(keys).toContain(`\`${key}\``);
    }
    for (const row of rows) expect(row.split(" | ")[2]?.replace(/ \|$/, "").length, row).toBeGreaterThan(3);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("no option of a source type has the name of a key that every source has", () => {
    const common: readonly string[] = COMMON_SOURCE_KEYS;
    for (const type of Object.values(SOURCE_TYPES)) {
      expect(
        Object.keys(type.schema.shape).filter((key) => common.includes(key)),
        type.type,
      ).toEqual([]);
    }
  });

  it("the schema describes every key", () => {
    const undescribed: string[] = [];
    const walk = (schema: ReturnType<typeof configJsonSchema>, path: string) => {
      for (const [key, child] of Object.entries(schema.properties ?? {})) {
        if (child.description === undefined && child.properties === undefined) undescribed.push(`${path}.${key}`);
        walk(child.items ?? child, `${path}.${key}`);
      }
    };
    walk(configJsonSchema(), "");
    expect(undescribed.filter((path) => path !== ".networks")).toEqual([]);
  });
});
