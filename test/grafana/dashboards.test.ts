import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { allDashboards } from "../../grafana/src/all.ts";
import { makeMetrics } from "../../src/metrics/metrics.ts";
import { metricsIn, panelsOf, questionsOf } from "./queries.ts";

const folder = new URL("../../grafana/dashboards/", import.meta.url);
const rulesFolder = new URL("../../config/prometheus/rules/", import.meta.url);
const dashboards = Object.entries(allDashboards());

/** Declared and shown nowhere: none may be without a reason. */
const SHOWN_NOWHERE: Readonly<Record<string, string>> = {};

const rules = readdirSync(rulesFolder).flatMap((file): { expr: string }[] =>
  parse(readFileSync(new URL(file, rulesFolder), "utf8")).groups.flatMap((group: { rules: unknown[] }) => group.rules),
);

describe("the dashboards in grafana/dashboards", () => {
  it.each(dashboards)("%s.json is what grafana/src makes", async (name, dashboard) => {
    // `npx vitest run test/grafana -u` writes them.
    const text = `${JSON.stringify(dashboard, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(new URL(`${name}.json`, folder).pathname);
  });

  it("are all there, and no others", () => {
    expect(readdirSync(folder).sort()).toEqual(dashboards.map(([name]) => `${name}.json`).sort());
  });

  it.each(dashboards)("%s: panels have ids of their own, a place of their own, a title and a description", (_, d) => {
    const panels = panelsOf(d);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, description, gridPos, fieldConfig } of panels) {
      expect(description?.length, title).toBeGreaterThan(10);
      expect(gridPos!.x + gridPos!.w, title).toBeLessThanOrEqual(24);
      if (
        title !== "Alerts of regions" &&
        title !== "Alerts of pools" &&
        !title?.includes("now") &&
        title !== "Open alerts"
      )
        expect(fieldConfig?.defaults.unit, title).toBeTypeOf("string");
      for (let x = gridPos!.x; x < gridPos!.x + gridPos!.w; x++)
        for (let y = gridPos!.y; y < gridPos!.y + gridPos!.h; y++) {
          expect(taken.get(`${x},${y}`), `${title} lies on another panel`).toBeUndefined();
          taken.set(`${x},${y}`, title ?? "");
        }
    }
  });

  it("have uids of their own, and ask the data source that the reader chose", () => {
    expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(dashboards.length);
    for (const [name, dashboard] of dashboards)
      for (const { title, datasource, targets } of panelsOf(dashboard)) {
        expect(datasource, `${name} / ${title}`).toEqual({ type: "prometheus", uid: "${datasource}" });
        for (const target of targets ?? [])
          expect(target, `${name} / ${title}`).toMatchObject({ datasource: { uid: "${datasource}" } });
      }
  });

  it("and the rules use metrics that are declared, and all of them", () => {
    const declared = new Set(makeMetrics().names());
    const questions = dashboards.flatMap(([name, dashboard]) => questionsOf(name, dashboard));
    const used = new Set([...questions, ...rules].flatMap(({ expr }) => metricsIn(expr)));
    expect([...used].filter((name) => !declared.has(name))).toEqual([]);
    expect([...declared].filter((name) => !used.has(name))).toEqual(Object.keys(SHOWN_NOWHERE));
  });
});
