import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { stopSimulator } from "../../src/simulate/launch.ts";
import { followAlerts } from "../support/alert-tape.ts";
import { type RunningCli, startCli } from "../support/cli.ts";
import { redisServersOn } from "../support/processes.ts";
import { seededRandom } from "../support/random.ts";

const KILLS = 20;
const SEED = Number(process.env.SEED ?? 1);
/** A tick in 3 s: at a second each, a busy machine misses most of the story between two deaths. */
const SPEED = 100;

const dir = mkdtempSync("/tmp/hf-kill-");
let running: RunningCli | undefined;

afterAll(async () => {
  running?.child.kill("SIGKILL");
  await stopSimulator(join(dir, "simulator.json"));
  rmSync(dir, { recursive: true, force: true });
});

describe(`the service killed ${KILLS} times at random moments (SEED=${SEED})`, () => {
  it("delivers every event once to a client that keeps its cursor, and leaves no server behind", async () => {
    const random = seededRandom(SEED);
    const start = (port: number): RunningCli =>
      startCli(["demo", "--data", dir, "--port", String(port), "--seed", String(SEED), "--speed", String(SPEED)]);
    running = start(0);
    const [, url = ""] = await running.says(/hashfall is at (http:\S+)/);
    const port = Number(new URL(url).port);
    const tape = followAlerts(`${url.replace("http", "ws").replace(/\/$/, "")}/ws`);
    for (let kill = 1; kill <= KILLS; kill++) {
      // Most of the story is told in the first minutes; the moments fall anywhere in start, poll, decision and delivery.
      await delay(200 + random() * 5_000);
      running.child.kill("SIGKILL");
      await running.ended;
      running = start(port);
      if (random() < 0.5) await running.says(/hashfall is at/);
    }
    await running.says(/hashfall is at/);
    const namesKz = () => tape.events.some(({ scope, region }) => scope === "region" && region === "KZ");
    await expect.poll(namesKz, { timeout: 240_000, interval: 100 }).toBe(true);
    // Whatever was committed until now must reach the client: take the whole log, then wait for its last entry.
    const epoch = (tape.cursor() ?? "").split("~")[0];
    const whole = followAlerts(`${url.replace("http", "ws").replace(/\/$/, "")}/ws`, `${epoch}~0-0`);
    await delay(2_000);
    const end = whole.events.at(-1);
    expect(end).toBeDefined();
    await tape.heard((alert) => alert.cursor === end?.cursor);
    tape.stop();
    whole.stop();

    const names = (events: readonly { id: string; revision: number }[]): string[] =>
      events.map(({ id, revision }) => `${id} ${revision}`);
    const log = names(whole.events.slice(0, whole.events.indexOf(end!) + 1));
    const heard = names(tape.events.slice(0, tape.events.findIndex((event) => event.cursor === end?.cursor) + 1));
    console.log(`${KILLS} kills, ${tape.connects} connects, ${log.length} events, ${tape.gaps} gaps`);
    expect(new Set(log).size).toBe(log.length);
    expect(heard).toEqual(log);
    expect(tape.gaps).toBe(0);

    running.child.kill("SIGKILL");
    await running.ended;
    await expect.poll(() => redisServersOn(dir), { timeout: 10_000, interval: 100 }).toEqual([]);
  });
});
