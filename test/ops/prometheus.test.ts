import { mkdtempSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { allDashboards } from "../../grafana/src/all.ts";
import { questionsOf, variablesOf } from "../grafana/queries.ts";
import { followAlerts } from "../support/alert-tape.ts";
import { type RunningCli, startCli } from "../support/cli.ts";
import { type Prometheus, type Series, startPrometheus } from "./prometheus-server.ts";
import { drawSheets } from "./prometheus-sheet.ts";

/** Questions without an answer in the demo, and why. */
const QUIET: Readonly<Record<string, string>> = {
  "hashfall / Redis: memory / B": "the embedded Redis has no limit",
  "hashfall / Webhook deliveries / A": "the demo has no webhook",
};
/** Alerts that a demo of a region's fall must raise; every other one must be quiet. */
const RAISED = ["HashfallRegionFell"];
/** May fire when the fall is as large as its threshold, for long enough. */
const MAY_BE_RAISED = ["HashfallLostShareHigh", "HashfallPoolFell", "HashfallEventLoopBlocked"];

const dashboards = Object.entries(allDashboards());
const dir = mkdtempSync("/tmp/hf-demo-");
let demo: RunningCli;
let prometheus: Prometheus;
let begun: number;
const answers = new Map<string, Series[]>();

beforeAll(async () => {
  demo = startCli(["demo", "--port", "0", "--data", dir]);
  const [, url = ""] = await demo.says(/hashfall is at (http:\S+)/);
  begun = Date.now() / 1000;
  prometheus = await startPrometheus(new URL(url).host);
  const socket = `${url.replace("http", "ws").replace(/\/$/, "")}/ws`;
  const tape = followAlerts(socket);
  await fetch(new URL("/api/v1/alerts", url));
  await tape.heard((alert) => alert.scope === "region" && alert.region === "KZ");
  const passing = new WebSocket(socket);
  passing.once("open", () => passing.close());
  // A rate needs scrapes on both sides of what it counts: as many as the window asked for below.
  const scrapes = 'count_over_time(up{job="hashfall"}[10m])';
  await vi.waitFor(async () => expect((await prometheus.instant(scrapes))[0]?.values[0]?.[1]).toBeGreaterThan(45), {
    timeout: 120_000,
    interval: 500,
  });
  const now = Date.now() / 1000;
  for (const [name, dashboard] of dashboards)
    for (const { where, expr, instant } of questionsOf(name, dashboard))
      answers.set(where, await (instant ? prometheus.instant(expr) : prometheus.range(expr, begun, now, 1)));
  tape.stop();
}, 240_000);

afterAll(async () => {
  await prometheus?.stop();
  await demo?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("a real Prometheus that scrapes the running demo", () => {
  it.each(dashboards)("answers every query of every panel of %s", (name, dashboard) => {
    const silent = questionsOf(name, dashboard)
      .map(({ where }) => where)
      .filter((where) => !answers.get(where)?.some(({ values }) => values.some(([, value]) => Number.isFinite(value))));
    expect(silent).toEqual(Object.keys(QUIET).filter((where) => where.startsWith(`${name} / `)));
  });

  it.each(dashboards)("fills every variable of %s", async (name, dashboard) => {
    for (const { where, match, label } of variablesOf(name, dashboard))
      expect(await prometheus.labelValues(label, match), where).not.toEqual([]);
  });

  it("evaluates every rule; the fall is told, and nothing about hashfall itself", async () => {
    const rules = await prometheus.rules();
    expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
    const recorded = rules.filter(({ type }) => type === "recording").map(({ name }) => name);
    for (const name of recorded) expect(await prometheus.instant(name), name).not.toEqual([]);
    const firing = rules.filter(({ state }) => state === "firing").map(({ name }) => name);
    expect(firing).toEqual(expect.arrayContaining(RAISED));
    expect(firing.filter((name) => ![...RAISED, ...MAY_BE_RAISED].includes(name))).toEqual([]);
  });

  it("gives what each dashboard shows: drawn on a sheet to look at", async () => {
    const sheets = await drawSheets(dashboards, answers, process.env.SHEETS ?? dir);
    // Every panel that has an answer shows something.
    for (const { name, empty } of sheets)
      expect(empty, name).toEqual(name === "hashfall" ? ["Webhook deliveries"] : []);
    console.log(sheets.map(({ file }) => file).join("\n"));
  });
});
