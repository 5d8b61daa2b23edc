/** The table of every metric in grafana/README.md, from the declarations. `npm run schema` writes it. */
import { makeMetrics } from "./metrics.ts";

export function metricsTable(): string {
  const rows = makeMetrics().declarations.map(
    ({ name, type, labelNames, help }) =>
      `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(", ")} | ${help.replaceAll("|", "\\|")} |`,
  );
  return ["| metric | type | labels | says |", "|---|---|---|---|", ...rows.sort()].join("\n");
}
