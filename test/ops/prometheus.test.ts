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
  "overview / Lost share of each region / B": "the demo's regions are whole countries, none is known by its parts",
  "overview / Countries known by their subdivisions / A": "the same",
  "hashfall / Redis: memory / B": "the embedded Redis has no limit",
  "hashfall / Webhook deliveries / A": "the demo has no webhook",
};
/** Panels that show nothing for that. */
const EMPTY: Readonly<Record<string, readonly string[]>> = {
  overview: ["Countries known by their subdivisions"],
  hashfall: ["Webhook deliveries"],
};
/** Alerts that a demo of a region's fall must raise, and the watchdog, which always fires; every other one must be quiet. */
const RAISED = ["HashfallRegionFell", "HashfallWatchdog"];
/** May fire too, and when. */
const MAY_BE_RAISED: Readonly<Record<string, string>> = {
  HashfallLostShareHigh: "the fall is as large as its threshold, for long enough",
  HashfallPoolFell: "a pool of the story fell by itself besides",
  HashfallEventLoopBlocked: "the machine is busy",
  HashfallTicksMissed: "the machine is busy: a demo's tick lasts a second",
};

const dashboards = Object.entries(allDashboards());
const dir = mkdtempSync("/tmp/hf-demo-");
let demo: RunningCli;
let prometheus: Prometheus;
let begun: number;
const answers = new Map<string, Series[]>();

beforeAll(async () => {
  // A tick in 2 s: at a second each, a busy machine shows more of its own trouble than of the story.
  demo = startCli(["demo", "--port", "0", "--data", dir, "--speed", "150"]);
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
  // And it must have seen the alert for a while.
  const seen = 'count_over_time((max(hashfall_alert_active{scope="region"}) > 0)[5m:1s])';
  await vi.waitFor(async () => expect((await prometheus.instant(seen))[0]?.values[0]?.[1]).toBeGreaterThan(15), {
    timeout: 120_000,
    interval: 500,
  });
  const now = Date.now() / 1000;
  for (const [name, dashboard] of dashboards)
    for (const { where, expr, instant } of questionsOf(name, dashboard))
      answers.set(where, await answer(expr, instant, now));
  tape.stop();
}, 300_000);

/** What is asked of the present and has no answer in this very second may have had one a moment ago: a score, on a busy machine. */
async function answer(expr: string, instant: boolean, now: number): Promise<Series[]> {
  const present = instant ? await prometheus.instant(expr) : [];
  return present.length > 0 ? present : prometheus.range(expr, begun, now, 1);
}

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
    expect(firing.filter((name) => !RAISED.includes(name) && !(name in MAY_BE_RAISED))).toEqual([]);
  });

  it("gives what each dashboard shows: drawn on a sheet to look at", async () => {
    const sheets = await drawSheets(dashboards, answers, process.env.SHEETS ?? dir);
    // Every panel that has an answer shows something.
    for (const { name, empty } of sheets) expect(empty, name).toEqual(EMPTY[name] ?? []);
    console.log(sheets.map(({ file }) => file).join("\n"));
  });
});
