// Writes what is generated from the code: config/schema.json, and the tables of config/docs and grafana/README.md between
// their markers. Run by `npm run schema`, after a change of the configuration or of a metric; tests fail while these files are behind the code.
import { readFileSync, writeFileSync } from "node:fs";
import { editorJsonSchema } from "../dist/config/schema/generated-schema.js";
import { configTable, sourceTable } from "../dist/config/schema/tables.js";
import { metricsTable } from "../dist/metrics/metrics-table.js";

const root = new URL("../", import.meta.url);
writeFileSync(new URL("config/schema.json", root), `${JSON.stringify(editorJsonSchema(), null, 2)}\n`);

for (const [page, name, table] of [
  ["config/docs/configuration.md", "config", configTable()],
  ["config/docs/sources.md", "sources", sourceTable()],
  ["grafana/README.md", "metrics", metricsTable()],
]) {
  const file = new URL(page, root);
  const between = new RegExp(`(<!-- ${name}:begin -->\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(between, (_, begin, end) => `${begin}${table}\n${end}`),
  );
}
