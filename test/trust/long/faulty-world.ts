/** One world of the simulation: a service, its Redis, simulated pools, and a proxy before each of them and before the client. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { followAlerts } from "../../support/alert-tape.ts";
import type { RunningCli } from "../../support/cli.ts";
import { seededRandom } from "../../support/random.ts";
import { startTestRedis } from "../../support/redis.ts";
import { decideHistory, SHUTDOWN, startPools, startService, urlOf, warmUp } from "../../support/service.ts";
import { type SilentProxy, startSilentProxy } from "../../support/silent-proxy.ts";

/** A tick in 3 s. */
const SPEED = 100;
const RECOVERY_LIMIT_MS = 60_000;

export interface Survived {
  /** By name of the fault: how often, and the longest real time until the next tick was decided. */
  readonly faults: ReadonlyMap<string, { count: number; slowestMs: number }>;
  readonly connects: number;
  /** `id revision` of each event: as the log has them, and as the client heard them. */
  readonly log: readonly string[];
  readonly heard: readonly string[];
}

/** Lets a seed draw so many faults, waiting for the next decided tick after each, and compares a client with the log at the end. */
export async function surviveFaults(options: {
  readonly dir: string;
  readonly seed: number;
  readonly faults: number;
}): Promise<Survived> {
  const { seed, dir } = options;
  mkdirSync(dir, { recursive: true });
  const random = seededRandom(seed);
  const redis = await startTestRedis({ appendonly: true });
  onTestFinished(() => redis.stop());
  const start = SHUTDOWN - 600_000;
  const pools = await startPools({ dir, networks: ["bitcoin"], seed, speed: SPEED, start });
  onTestFinished(() => pools.stop());
  const admin = redis.client({ maxRetriesPerRequest: null });
  await warmUp(pools, admin);
  await decideHistory(pools, admin);
  const toRedis = await startSilentProxy(redis.socketPath);
  onTestFinished(() => toRedis.stop());
  const upstream = pools.networks.get("bitcoin")!.proxy.url;
  const toPools = await startSilentProxy(Number(new URL(upstream).port));
  onTestFinished(() => toPools.stop());
  const config = readFileSync(pools.configPath, "utf8");
  writeFileSync(pools.configPath, config.replaceAll(upstream, `http://127.0.0.1:${toPools.port}`));
  const redisUrl = `redis://127.0.0.1:${toRedis.port}`;
  const open = (port: number): RunningCli =>
    startService({ pools, roles: ["poll", "detect", "serve"], redisUrl, port });
  let service = open(0);
  onTestFinished(() => void service.child.kill("SIGKILL"));
  const port = Number(new URL(await urlOf(service)).port);
  const toClient: SilentProxy = await startSilentProxy(port);
  onTestFinished(() => toClient.stop());
  const tape = followAlerts(`ws://127.0.0.1:${toClient.port}/ws`);
  onTestFinished(() => tape.stop());

  const blackHole = async (proxy: SilentProxy): Promise<void> => {
    proxy.blackHole(true);
    await delay(500 + random() * 4_000);
    proxy.blackHole(false);
  };
  const tick = async (): Promise<number> => Number(await admin.hget("{hashfall}:state:bitcoin", "tick"));
  const faults: Readonly<Record<string, () => Promise<void>>> = {
    "connections to Redis forgotten": async () => toRedis.forget(),
    "connections to Redis reset": async () => toRedis.reset(),
    "black hole before Redis": () => blackHole(toRedis),
    "a byte at a time to Redis": async () => {
      toRedis.slice(true);
      await delay(500 + random() * 2_000);
      toRedis.slice(false);
    },
    "300 ms to Redis and back": async () => {
      toRedis.delay(150);
      await delay(1_000 + random() * 2_000);
      toRedis.delay(0);
    },
    "clients of Redis killed": async () => void (await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")),
    "Redis killed": async () => {
      await redis.kill();
      await delay(random() * 2_000);
      await redis.start();
    },
    "Redis full": async () => {
      await admin.config("SET", "maxmemory", "1");
      await delay(500 + random() * 3_000);
      await admin.config("SET", "maxmemory", "0");
    },
    "service suspended": async () => {
      service.child.kill("SIGSTOP");
      await delay(500 + random() * 3_000);
      service.child.kill("SIGCONT");
    },
    "service killed": async () => {
      service.child.kill("SIGKILL");
      await service.ended;
      service = open(port);
      await service.says(/hashfall is at/);
    },
    "connection of the client reset": async () => toClient.reset(),
    "connections to the pools forgotten": async () => toPools.forget(),
    "black hole before the pools": () => blackHole(toPools),
  };
  const names = Object.keys(faults);
  const table = new Map(names.map((name) => [name, { count: 0, slowestMs: 0 }]));
  for (let n = 0; n < options.faults; n++) {
    const name = names[Math.floor(random() * names.length)] ?? "";
    await faults[name]?.();
    const before = await tick();
    const began = performance.now();
    await expect.poll(tick, { timeout: RECOVERY_LIMIT_MS, interval: 50, message: name }).toBeGreaterThan(before);
    const row = table.get(name)!;
    row.count++;
    row.slowestMs = Math.max(row.slowestMs, performance.now() - began);
  }

  const namesKz = () => tape.events.some(({ scope, region }) => scope === "region" && region === "KZ");
  await expect.poll(namesKz, { timeout: 240_000, interval: 100 }).toBe(true);
  const epoch = (tape.cursor() ?? "").split("~")[0];
  const whole = followAlerts(`ws://127.0.0.1:${port}/ws`, `${epoch}~0-0`);
  onTestFinished(() => whole.stop());
  await expect.poll(() => whole.events.length, { timeout: 10_000 }).toBeGreaterThan(0);
  await delay(2_000);
  const end = whole.events.at(-1);
  await tape.heard((alert) => alert.cursor === end?.cursor);
  const revisions = (events: readonly { id: string; revision: number }[]) =>
    events.map(({ id, revision }) => `${id} ${revision}`);
  const log = revisions(whole.events.slice(0, whole.events.findIndex(({ cursor }) => cursor === end?.cursor) + 1));
  const heard = revisions(tape.events.slice(0, tape.events.findIndex(({ cursor }) => cursor === end?.cursor) + 1));
  return { faults: table, connects: tape.connects, log, heard };
}
