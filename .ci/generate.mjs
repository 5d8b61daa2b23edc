// Writes what is generated from the code: config/schema.json, and the tables of config/docs between their markers.
// Run by `npm run schema`, after a change of the configuration; tests fail while these files are behind the code.
import { readFileSync, writeFileSync } from "node:fs";
import { editorJsonSchema } from "../dist/config/schema/generated-schema.js";
import { configTable, sourceTable } from "../dist/config/schema/tables.js";

const root = new URL("../", import.meta.url);
writeFileSync(new URL("config/schema.json", root), `${JSON.stringify(editorJsonSchema(), null, 2)}\n`);

for (const [page, name, table] of [
  ["config/docs/configuration.md", "config", configTable()],
  ["config/docs/sources.md", "sources", sourceTable()],
]) {
  const file = new URL(page, root);
  const between = new RegExp(`(<!-- ${name}:begin -->\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(between, (_, begin, end) => `${begin}${table}\n${end}`),
  );
}
