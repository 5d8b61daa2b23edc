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

/** Move once a tick, or seldom. */
const BY_TICK =
  /hashfall_(polls|samples|rows_rejected|commits|ticks_missed|ticks_failed|ticks_taken_over|polls_overlapped|alerts)_total|hashfall_(poll|detect)_duration_seconds|hashfall_alert_latency/;
/** Where it is another than counts per second. */
const UNIT_OF_RATE: Readonly<Record<string, string>> = {
  hashfall_samples_total: "rowsps",
  hashfall_rows_rejected_total: "rowsps",
  hashfall_ws_messages_total: "mps",
  hashfall_http_requests_total: "reqps",
};

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

  it.each(dashboards)("%s: every cell without a figure says so", (_, d) => {
    for (const { title, type, fieldConfig } of panelsOf(d)) {
      expect(fieldConfig?.defaults.noValue, title).toBeTruthy();
      if (type !== "table") continue;
      for (const { matcher, properties } of fieldConfig?.overrides ?? [])
        expect(
          properties.map(({ id }) => id),
          `${title}, ${String(matcher.options)}`,
        ).toContain("noValue");
    }
  });

  it.each(dashboards)("%s: all columns of a table fit into its width", (_, d) => {
    for (const { title, type, fieldConfig, gridPos } of panelsOf(d)) {
      if (type !== "table") continue;
      const { minWidth } = fieldConfig!.defaults.custom as { minWidth: number };
      const widths = fieldConfig!.overrides.map(({ properties }) =>
        Number(properties.find(({ id }) => id === "custom.minWidth")?.value ?? minWidth),
      );
      // The narrowest screen on which the dashboards are meant to be read: 1,280 px, less what is around a panel.
      expect(
        widths.reduce((sum, width) => sum + width, 0),
        title,
      ).toBeLessThan((gridPos!.w / 24) * 1200);
    }
  });

  it.each(dashboards)("%s: a figure with a name beside it has the room for it", (_, d) => {
    for (const { title, type, gridPos, options, targets } of panelsOf(d)) {
      const isNamed = type === "stat" && (options as { textMode?: string }).textMode === "name";
      if (isNamed) expect(gridPos!.w, `${title}: ${targets?.[0]?.legendFormat}`).toBeGreaterThanOrEqual(6);
    }
  });

  it.each(dashboards)("%s: links and annotations are in sight, and annotate what is at least a warning", (_, d) => {
    for (const link of [...(d.links ?? []), ...(d.annotations.list ?? [])])
      expect(link).not.toHaveProperty("placement");
    for (const { expr } of d.annotations.list ?? []) expect(expr).toMatch(/hashfall_alert_active\{.*\}\) >= 2$/);
  });

  it.each(dashboards)(
    "%s: counters that move once a tick are taken over an hour, which holds every tick",
    (name, d) => {
      for (const { title, targets } of panelsOf(d))
        for (const { expr = "" } of targets ?? [])
          if (BY_TICK.test(expr)) expect(expr, `${name} / ${title}`).not.toContain("$__rate_interval");
    },
  );

  it.each(dashboards)("%s: a rate has the unit of what is counted, and a loss is never below zero", (name, d) => {
    for (const { title, fieldConfig, targets } of panelsOf(d))
      for (const { expr = "" } of targets ?? []) {
        const unit = fieldConfig?.defaults.unit;
        const [, counted] = /^sum by \([\w, ]+\) \(rate\((hashfall_\w+_total)/.exec(expr) ?? [];
        if (counted !== undefined && !expr.includes(" / "))
          expect(unit, `${name} / ${title}`).toBe(UNIT_OF_RATE[counted] ?? "cps");
        if (/expected_hashes_per_second\S* - /.test(expr)) expect(expr, `${name} / ${title}`).toContain("clamp_min(");
      }
  });

  it("the overview says in its first rows what fell, where, how sure, since when, what is lost, why, and what to do", () => {
    const panels = panelsOf(allDashboards().overview!);
    const table = panels.find(({ title }) => title === "Open alerts")!;
    expect(table.gridPos!.y).toBeLessThan(8);
    const columns = table.fieldConfig!.overrides.map(({ matcher }) => matcher.options);
    for (const column of ["Region", "Severity", "Sure", "Since", "Lost", "Cause", "Alert", "Runbook"])
      expect(columns).toContain(column);
    const links = JSON.stringify(table.fieldConfig!.overrides);
    expect(links).toContain("/#/alerts/${__value.text");
    expect(links).toContain("/runbooks/${__value.text");
    const map = panels.find(({ type }) => type === "geomap")!;
    expect(map.gridPos!.y).toBeLessThan(16);
    expect(JSON.stringify(map.options)).toMatch(/"mode":"lookup".*"gazetteer":"public\/gazetteer\/countries.json"/);
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
    const declared = new Set(makeMetrics().declarations.map(({ name }) => name));
    const questions = dashboards.flatMap(([name, dashboard]) => questionsOf(name, dashboard));
    const used = new Set([...questions, ...rules].flatMap(({ expr }) => metricsIn(expr)));
    expect([...used].filter((name) => !declared.has(name))).toEqual([]);
    expect([...declared].filter((name) => !used.has(name))).toEqual(Object.keys(SHOWN_NOWHERE));
  });
});
