// Writes what is generated from the code: config/schema.json, and the README's tables between their markers.
// Run by `npm run schema`, after a change of the configuration; tests fail while these files are behind the code.
import { readFileSync, writeFileSync } from "node:fs";
import { editorJsonSchema } from "../dist/config/schema/generated-schema.js";
import { configTable, sourceTable } from "../dist/config/schema/tables.js";

const root = new URL("../", import.meta.url);
writeFileSync(new URL("config/schema.json", root), `${JSON.stringify(editorJsonSchema(), null, 2)}\n`);

const readme = new URL("README.md", root);
let text = readFileSync(readme, "utf8");
for (const [name, table] of [
  ["config", configTable()],
  ["sources", sourceTable()],
]) {
  const between = new RegExp(`(<!-- ${name}:begin -->\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  text = text.replace(between, (_, begin, end) => `${begin}${table}\n${end}`);
}
writeFileSync(readme, text);
