import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AlertEvent, type DeliveredAlert } from "../../src/model/alert.ts";
import { demoConfigText } from "../../src/simulate/demo-config.ts";
import { stopSimulator } from "../../src/simulate/launch.ts";
import { type AlertTape, followAlerts } from "../support/alert-tape.ts";
import * as driven from "../support/browser.ts";
import { type RunningCli, runCli, startCli } from "../support/cli.ts";
import { redisServersOn } from "../support/processes.ts";
import { servedTime } from "../support/served-time.ts";

const dir = mkdtempSync("/tmp/hf-demo-");
let demo: RunningCli;
let url: string;
let tape: AlertTape;
/** Another demo, that is told to end while it starts. It does so while the first one's story goes on. */
let early: Promise<Early>;
/** Open before anything has fallen, and never loaded again. */
let onScreen: Promise<Watched> | undefined;

/** Longer than two ticks of the demo: a machine that gives the service no time at all. */
const STALL_MS = 2_500;
const STALLS = 3;

const SHOTS = [
  ["light", "light", 1440],
  ["dark", "dark", 1440],
  ["narrow", "light", 390],
] as const;

interface Early {
  readonly simulator: string;
  readonly status: number | NodeJS.Signals;
}

interface Watched extends driven.Visit {
  readonly browser: Browser;
}

/** Opens the page, which notes when each alert's card first stood there under each region. */
async function watchPage(at: string): Promise<Watched> {
  const browser = await driven.launchBrowser();
  const visit = await driven.visit(browser, at);
  expect(await visit.page.locator(".alert").count(), "nothing has fallen yet").toBe(0);
  await visit.page.evaluate(`
    window.firstShown = {};
    new MutationObserver(() => {
      for (const { dataset } of document.querySelectorAll(".alert"))
        window.firstShown[dataset.id + " " + dataset.region] ??= Date.now();
    }).observe(document.getElementById("alert-list"), { childList: true, subtree: true, attributes: true });
  `);
  return { browser, ...visit };
}

async function endWhileStarting(): Promise<Early> {
  const cli = startCli(["demo", "--port", "0"]);
  const [, simulator = ""] = await cli.says(/simulated pools at (http:\S+),/);
  return { simulator, status: await cli.stop("SIGTERM") };
}

beforeAll(async () => {
  demo = startCli(["demo", "--port", "0", "--data", dir]);
  url = (await demo.says(/hashfall is at (http:\S+)/))[1] ?? "";
  url = url.replace(/\/$/, "");
  tape = followAlerts(`${url.replace("http", "ws")}/ws`);
  if (driven.isDriven) onScreen = watchPage(url);
  early = endWhileStarting();
  // Whatever went wrong is for the test that asks.
  early.catch(() => {});
});
afterAll(async () => {
  await (await onScreen)?.browser.close();
  tape?.stop();
  demo.child.kill("SIGKILL");
  await stopSimulator(join(dir, "simulator.json"));
  rmSync(dir, { recursive: true, force: true });
});

async function newestTick(): Promise<string> {
  const { items } = (await (await fetch(`${url}/api/v1/networks`)).json()) as { items: { at: string }[] };
  return items[0]?.at ?? "";
}

/** One story: each test goes on where the one before it ended. */
describe("the demo", { shuffle: false }, () => {
  it("goes on with the next tick when its machine gave it no time for seconds", async () => {
    for (let stall = 0; stall < STALLS; stall++) {
      const before = await newestTick();
      demo.child.kill("SIGSTOP");
      await delay(STALL_MS);
      demo.child.kill("SIGCONT");
      await expect.poll(newestTick).not.toBe(before);
    }
  });

  it("names Kazakhstan: on the terminal, over the socket and over REST", async () => {
    const heard = await tape.heard((alert) => alert.scope === "region" && alert.region !== null);
    expect(heard.region).toBe("KZ");
    await demo.says(/opened \w+ KZ/);
    const list = (await (await fetch(`${url}/api/v1/alerts?state=open`)).json()) as { items: unknown[] };
    expect(JSON.stringify(list.items)).toContain(heard.id);
    // Warm from its two days of history: nothing was said before the fall.
    expect(Date.parse(tape.events[0]?.at ?? "")).toBeGreaterThan(Date.parse("2022-01-05T10:30:00Z"));
  });

  it("tells of no tick that nobody polled", async () => {
    expect(tape.events.filter(({ scope }) => scope === "source")).toEqual([]);
    expect(demo.output()).not.toMatch(/nobody polled|overdue|still polled/);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^hashfall_ticks_missed_total\{network="bitcoin"\} 0$/m);
  });

  if (driven.isDriven)
    it("shows it on the page that stands open: map, alert without a reload, evidence, by day, by night, on a phone", async () => {
      const { page, faults } = (await onScreen)!;
      const heard = await tape.heard((alert) => alert.scope === "region" && alert.region === "KZ");
      const card = page.locator(`.alert[data-id="${heard.id}"]`);
      await card.waitFor();
      const seen = (await page.evaluate("window.firstShown")) as Record<string, number>;
      const shownAfterMs = (seen[`${heard.id} KZ`] ?? Number.NaN) - Date.parse(heard.latency?.publishedAt ?? "");
      console.log(`the alert stood on the page ${shownAfterMs} ms after it was published`);
      // How soon is held by the page's own test; a demo on a busy machine shows it later.
      expect(shownAfterMs).toBeLessThan(60_000);
      expect(await card.locator("h3").textContent()).toMatch(/^Kazakhstan lost \d+ % of its hash rate$/);
      await page.waitForSelector("#map .circle.alerting[data-region=KZ]");
      await card.getByText("Why", { exact: true }).click();
      expect(await card.locator(".evidence tbody tr").count()).toBeGreaterThan(3);
      expect(await card.locator(".rivals").textContent()).toContain("Kazakhstan");
      for (const [name, colorScheme, width] of SHOTS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBe(width);
        expect((await driven.picture(page, name)).length, name).toBeGreaterThan(50_000);
      }
      expect(faults).toEqual([]);
    });
  else driven.itIsNotDriven("the demo's page");

  it("says what a witness saw there: the country was cut off", async () => {
    const heard = await tape.heard((alert) => alert.region === "KZ" && alert.cause !== undefined);
    expect(heard.cause).toEqual({ hint: "connectivity", why: expect.stringMatching(/^IODA: KZ .* of its median$/) });
  });

  it("shows the fall in /metrics, without one zero for what is unknown", async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/^hashfall_alert_active\{network="bitcoin",scope="region",region="KZ",pool=""\} [123]$/m);
    expect(text).toMatch(/^hashfall_polls_total\{source="antpool\S*",result="ok"\} [1-9]/m);
    expect(text).toMatch(/^hashfall_polls_total\{source="ioda",result="ok"\} [1-9]/m);
    for (const gauge of ["pool_hashrate_hashes_per_second", "region_hashrate_hashes_per_second"]) {
      expect(text).not.toMatch(new RegExp(`^hashfall_${gauge}\\{.*\\} 0$`, "m"));
    }
  });

  it("exports what it saw, and a replay of it says the same: ids, revisions, onsets", async () => {
    const config = join(dir, "config.yaml");
    writeFileSync(config, demoConfigText("kazakhstan-2022", "http://127.0.0.1:1"));
    const samples = join(dir, "samples.ndjson");
    const exported = await runCli([
      ...["export", "--config", config, "--data", dir],
      ...["--from", "2022-01-01T00:00:00Z", "--to", "2022-02-01T00:00:00Z", "--output", samples],
    ]);
    expect(exported).toMatchObject({ status: 0 });
    const alerts = join(dir, "alerts.ndjson");
    const replayed = await runCli(["replay", "--config", config, "--input", samples, "--output", alerts]);
    expect(replayed).toMatchObject({ status: 0 });
    const said = (event: AlertEvent | DeliveredAlert): unknown => {
      const { id, revision, type, at, startedAt, region, lost, cause } = event;
      return { id, revision, type, at, startedAt, region, lost, cause };
    };
    const replay = readFileSync(alerts, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => AlertEvent.parse(JSON.parse(line)));
    const last = replay.at(-1);
    expect(last).toBeDefined();
    // The live run has gone on since the export: what both have seen must be the same.
    const live = tape.events.filter((event) => event.at <= last!.at);
    expect(live.length).toBeGreaterThan(0);
    expect(replay.map(said)).toEqual(live.map(said));
  });

  it("ends with status 0 within ten seconds of SIGTERM, tells its clients, and leaves no server behind", async () => {
    const { ms, result } = await servedTime(() => demo.stop("SIGTERM"));
    expect(result).toBe(0);
    expect(ms).toBeLessThan(10_000);
    expect(redisServersOn(dir)).toEqual([]);
  });

  it("ends cleanly when it is told to while it starts, and leaves no simulator behind", async () => {
    const { simulator, status } = await early;
    expect(status).toBe(0);
    await expect(fetch(`${simulator}/sim/clock`)).rejects.toThrow();
  });
});
