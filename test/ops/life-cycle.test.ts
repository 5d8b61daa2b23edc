import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AlertTape, followAlerts } from "../support/alert-tape.ts";
import type { RunningCli } from "../support/cli.ts";
import { listen, metricOf, statusOf } from "../support/client.ts";
import { redisServersOn } from "../support/processes.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import {
  INTERVAL_MS,
  type Pools,
  SHUTDOWN,
  socketUrl,
  startPools,
  startService,
  urlOf,
  warmUp,
} from "../support/service.ts";

const SEED = Number(process.env.SEED ?? 1);
const SPEED = 100;
const TICK_MS = INTERVAL_MS / SPEED;
const MINUTE = 60_000;
const RELOAD_OK = "hashfall_config_last_reload_successful";

const dir = mkdtempSync("/tmp/hf-life-");
let pools: Pools;
let redis: TestRedis;
const running = new Set<RunningCli>();
const roles = ["poll", "detect", "serve"] as const;

beforeAll(async () => {
  redis = await startTestRedis({ appendonly: true });
  pools = await startPools({ dir, networks: ["bitcoin"], seed: SEED, speed: SPEED, start: SHUTDOWN - 15 * MINUTE });
  await warmUp(pools, redis.client());
});
afterAll(async () => {
  for (const service of running) service.child.kill("SIGKILL");
  await pools?.stop();
  await redis?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function start(more: Partial<Parameters<typeof startService>[0]> = {}): RunningCli {
  const service = startService({ pools, roles, redisUrl: redis.url, ...more });
  running.add(service);
  void service.ended.then(() => running.delete(service));
  return service;
}

/** Data time of the newest decided tick. */
async function decidedAt(): Promise<number> {
  return Number(await redis.client().hget("{hashfall}:state:bitcoin", "tick"));
}

async function openIds(url: string): Promise<string[]> {
  const { items } = (await (await fetch(`${url}/api/v1/alerts?state=open`)).json()) as { items: { id: string }[] };
  return items.map(({ id }) => id).sort();
}

describe(`a running service (SEED=${SEED}, a tick in ${TICK_MS} ms)`, () => {
  let service: RunningCli;
  let url: string;
  let tape: AlertTape;
  let alertId: string;

  it("opens the story's alert", async () => {
    service = start();
    url = await urlOf(service);
    await expect.poll(() => statusOf(`${url}/readyz`), { timeout: 30_000, interval: 100 }).toBe(200);
    tape = followAlerts(socketUrl(url));
    const alert = await tape.heard(({ scope, region }) => scope === "region" && region === "KZ");
    alertId = alert.id;
    expect(await metricOf(url, RELOAD_OK)).toBe(1);
  });

  it("refuses a bad file, says so in a metric, and goes on under the old one", async () => {
    writeFileSync(pools.configPath, '{"networks": {"bitcoin": {"interval": "soon"}}}');
    service.child.kill("SIGHUP");
    await expect.poll(() => metricOf(url, RELOAD_OK), { timeout: 15_000, interval: 200 }).toBe(0);
    await service.says(/the old one stays in force/);
    const before = await decidedAt();
    await expect.poll(decidedAt, { timeout: 3 * TICK_MS + 5_000, interval: 100 }).toBeGreaterThan(before);
    expect(await openIds(url)).toContain(alertId);
  });

  it("takes new weights while an alert is open, and the alert stays open", async () => {
    const client = redis.client();
    const before = await client.hmget("{hashfall}:state:bitcoin", "configHash", "generation");
    pools.writeConfig(0.93);
    service.child.kill("SIGHUP");
    await service.says(/the new configuration is in force/);
    const changed = async () => client.hget("{hashfall}:state:bitcoin", "configHash");
    await expect.poll(changed, { timeout: 3 * TICK_MS + 10_000, interval: 100 }).not.toBe(before[0]);
    expect(Number(await client.hget("{hashfall}:state:bitcoin", "generation"))).toBe(Number(before[1]) + 1);
    await expect.poll(() => metricOf(url, RELOAD_OK), { timeout: 10_000, interval: 200 }).toBe(1);
    const at = await decidedAt();
    await expect.poll(decidedAt, { timeout: 5 * TICK_MS + 10_000, interval: 100 }).toBeGreaterThan(at + INTERVAL_MS);
    expect(await openIds(url)).toContain(alertId);
  });

  for (const seconds of [3, 30]) {
    it(`lives through a Redis that is away for ${seconds} s: said, recovered without a restart, nothing lost`, async () => {
      const before = await openIds(url);
      const status = await listen(socketUrl(url), "status");
      await expect.poll(() => status.said.some(({ message }) => message.type === "status")).toBe(true);
      const killed = Date.now();
      await redis.kill();
      let unreadyAfter: number | undefined;
      while (Date.now() - killed < seconds * 1000) {
        if (unreadyAfter === undefined && (await statusOf(`${url}/readyz`)) === 503) unreadyAfter = Date.now() - killed;
        await delay(50);
      }
      await redis.start();
      const back = Date.now();
      const last = await decidedAt();
      await expect.poll(decidedAt, { timeout: TICK_MS + 20_000, interval: 50 }).toBeGreaterThan(last);
      const decidedAfter = Date.now() - back;
      await expect.poll(() => statusOf(`${url}/readyz`), { timeout: 10_000, interval: 50 }).toBe(200);
      const readyAfter = Date.now() - back;
      const states = status.said.filter(({ message }) => message.type === "status").map(({ message }) => message.state);
      console.log(
        `Redis away ${seconds} s: /readyz 503 after ${unreadyAfter ?? "-"} ms; back: tick decided after ${decidedAfter} ms, ready after ${readyAfter} ms; clients told ${states.join(", ")}`,
      );
      if (seconds > 10) {
        expect(unreadyAfter).toBeLessThan(10_000);
        expect(states).toContain("degraded");
      }
      expect(decidedAfter).toBeLessThan(TICK_MS + 5_000);
      expect(await openIds(url)).toEqual(expect.arrayContaining(before.filter((id) => id === alertId)));
      expect(service.child.exitCode).toBeNull();
      status.close();
    });
  }

  it("goes back to the old configuration when the new one does not start", async () => {
    const client = redis.client();
    const inForce = await client.hget("{hashfall}:state:bitcoin", "configHash");
    await redis.kill();
    pools.writeConfig(0.9);
    service.child.kill("SIGHUP");
    await service.says(/the new configuration did not start/);
    await redis.start();
    await service.says(/runs again under the old configuration/);
    const at = await decidedAt();
    await expect.poll(decidedAt, { timeout: TICK_MS + 15_000, interval: 50 }).toBeGreaterThan(at);
    expect(await client.hget("{hashfall}:state:bitcoin", "configHash")).toBe(inForce);
    expect(await metricOf(url, RELOAD_OK)).toBe(0);
    expect(await openIds(url)).toContain(alertId);
  });

  it("drains at SIGTERM: unready, clients told 1001, within 10 s; a successor says what is new and nothing twice", async () => {
    const alerts = await listen(socketUrl(url), "alerts");
    const statuses: number[] = [];
    const began = Date.now();
    service.child.kill("SIGTERM");
    let ended = false;
    void service.ended.then(() => {
      ended = true;
    });
    while (!ended) {
      statuses.push(await statusOf(`${url}/readyz`));
      await delay(5);
    }
    expect(await service.ended).toBe(0);
    const tookMs = Date.now() - began;
    expect(tookMs).toBeLessThan(10_000);
    expect(await alerts.closed).toBe(1001);
    // Asked in the same moment as the signal came it may still say yes, and never again after it said no.
    const unready = statuses.indexOf(503);
    expect(unready).toBeGreaterThanOrEqual(0);
    expect(statuses.slice(unready)).not.toContain(200);
    // No lease is left behind: whoever comes next need not wait for one to end.
    // Of a tick that a killed Redis cut off earlier one may lie about, expired: later ticks are done, and nobody waits for it.
    const [newest] = await redis.client().zrevrange("{hashfall}:done:bitcoin", 0, 0);
    const claimed = await redis.client().hkeys("{hashfall}:claims:bitcoin");
    expect(claimed.filter((tick) => Number(tick) > Number(newest))).toEqual([]);
    console.log(`SIGTERM: ended after ${tookMs} ms`);

    const port = Number(new URL(url).port);
    service = start({ port });
    await urlOf(service);
    const at = await decidedAt();
    await expect.poll(decidedAt, { timeout: TICK_MS + 20_000, interval: 50 }).toBeGreaterThan(at);
    const names = tape.events.map(({ id, revision }) => `${id} ${revision}`);
    expect(new Set(names).size).toBe(names.length);
    expect(tape.gaps).toBe(0);
  });

  it("ends within 10 s at SIGTERM while Redis does not answer, and at once at a second SIGTERM", async () => {
    const pid = Number(/process_id:(\d+)/.exec(await redis.client().info("server"))?.[1]);
    process.kill(pid, "SIGSTOP");
    try {
      const began = Date.now();
      const status = await service.stop("SIGTERM");
      const tookMs = Date.now() - began;
      console.log(`SIGTERM while Redis hangs: ended with ${status} after ${tookMs} ms`);
      expect(tookMs).toBeLessThan(10_500);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    service = start();
    await urlOf(service);
    process.kill(pid, "SIGSTOP");
    try {
      service.child.kill("SIGTERM");
      await service.says(/stopping/);
      const forced = Date.now();
      expect(await service.stop("SIGTERM")).toBe(143);
      expect(Date.now() - forced).toBeLessThan(1_000);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    tape.stop();
  });
});

it("closes in an order that loses nothing: polls, the job, its queue, the clients, the connections, Redis last", async () => {
  const dataDir = mkdtempSync("/tmp/hf-life-");
  pools.writeConfig();
  const service = startService({ pools, roles, dataDir, logLevel: "debug" });
  running.add(service);
  await urlOf(service);
  await service.says(/"msg":"decided"/);
  expect(await service.stop()).toBe(0);
  running.delete(service);
  const closed = [...service.output().matchAll(/"part":"([^"]+)","ms":\d+,"msg":"closed"/g)].map(([, part]) => part);
  const order = ["pollers", "detect worker", "detect queue", "gateway", "connections to Redis", "embedded Redis"];
  expect(closed.filter((part) => order.includes(part ?? ""))).toEqual(order);
  expect(closed.at(-1)).toBe("embedded Redis");
  expect(redisServersOn(dataDir)).toEqual([]);
  rmSync(dataDir, { recursive: true, force: true });
});
