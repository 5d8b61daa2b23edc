import { mkdtempSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeConnections, type RedisClient } from "../../src/store/connect.ts";
import { type AlertTape, followAlerts } from "../support/alert-tape.ts";
import type { RunningCli } from "../support/cli.ts";
import { statusOf } from "../support/client.ts";
import { type Fleet, type FleetNode, startClusterFleet, startSentinelFleet } from "../support/redis-fleet.ts";
import {
  decideHistory,
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
/** A tick in 6 s, whose sources have 3 s to answer: on a busy machine a faster one is blind just when the region falls. */
const SPEED = 50;
const TICK_MS = INTERVAL_MS / SPEED;
const MINUTE = 60_000;
const logger = pino({ level: "silent" });

interface Rig {
  readonly fleet: Fleet;
  readonly pools: Pools;
  readonly redis: RedisClient;
  start(roles: Parameters<typeof startService>[0]["roles"]): RunningCli;
}

async function rig(fleet: Fleet): Promise<Rig> {
  const dir = mkdtempSync("/tmp/hf-failover-");
  onTestFinished(() => fleet.stop());
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const pools = await startPools({
    dir,
    networks: ["bitcoin"],
    seed: SEED,
    speed: SPEED,
    start: SHUTDOWN - 10 * MINUTE,
  });
  onTestFinished(() => pools.stop());
  const connections = makeConnections({ url: fleet.url }, { logger });
  onTestFinished(() => connections.close());
  const redis = connections.open("queue");
  // A connection without a deadline: on a busy machine a write among hundreds may wait for seconds.
  const patient = connections.open("worker");
  await warmUp(pools, patient);
  await decideHistory(pools, patient);
  return {
    fleet,
    pools,
    redis,
    start(roles) {
      const service = startService({ pools, roles, redisUrl: fleet.url });
      onTestFinished(() => void service.child.kill("SIGKILL"));
      return service;
    },
  };
}

/** Writes numbers as fast as they are acknowledged, to count how many of those a failover loses. */
function startWriter(redis: RedisClient) {
  const acknowledged: number[] = [];
  let errors = 0;
  let lastAt = 0;
  let longestGapMs = 0;
  let on = true;
  const running = (async () => {
    for (let n = 0; on; n++) {
      await redis.rpush("{hashfall}:writes", String(n)).then(
        () => {
          const now = Date.now();
          if (lastAt > 0) longestGapMs = Math.max(longestGapMs, now - lastAt);
          lastAt = now;
          acknowledged.push(n);
        },
        () => {
          errors++;
        },
      );
      await delay(10);
    }
  })();
  return {
    async stop() {
      on = false;
      await running;
      const kept = new Set((await redis.lrange("{hashfall}:writes", 0, -1)).map(Number));
      await redis.del("{hashfall}:writes");
      const lost = acknowledged.filter((n) => !kept.has(n)).length;
      return { acknowledged: acknowledged.length, lost, errors, longestGapMs };
    },
  };
}

async function stateOf(redis: RedisClient): Promise<number> {
  return Number((await redis.hget("{hashfall}:state:bitcoin", "tick").catch(() => null)) ?? 0);
}

/** Halts the master's replicas: nothing that is acknowledged from now on reaches them. */
async function haltReplicas(fleet: Fleet, master: FleetNode): Promise<readonly FleetNode[]> {
  const roles = await Promise.all(
    fleet.nodes.map(async (node) => ({ node, info: await node.client.info("replication") })),
  );
  const replicas = roles.filter(({ info }) => new RegExp(`role:slave[^]*master_port:${master.port}\\b`).test(info));
  expect(replicas).toHaveLength(fleet.replicas);
  await master.client.wait(fleet.replicas, 2_000);
  for (const { node } of replicas) node.halt();
  // What is in a socket already is read when they are resumed; what comes later is not, as the link has ended.
  await master.client.call("CLIENT", "KILL", "TYPE", "replica");
  return replicas.map(({ node }) => node);
}

/**
 * Kills the master; how long until a tick is decided that was not decided before.
 * @param halted replicas that are resumed when it is dead
 */
async function killMaster(
  { fleet, redis }: Rig,
  halted: readonly FleetNode[] = [],
): Promise<{ killed: FleetNode; recoveryMs: number }> {
  const killed = await fleet.master();
  const before = await stateOf(redis);
  const began = Date.now();
  await killed.kill();
  for (const replica of halted) replica.resume();
  await expect.poll(() => stateOf(redis), { timeout: 120_000, interval: 50 }).toBeGreaterThan(before);
  return { killed, recoveryMs: Date.now() - began };
}

const names = (events: AlertTape["events"]): string[] => events.map(({ id, revision }) => `${id} ${revision}`);

describe.each([
  ["Sentinel (one master, two replicas, three sentinels)", startSentinelFleet],
  ["Cluster (three masters with a replica each)", () => startClusterFleet({ key: "{hashfall}:log" })],
] as const)("Redis %s", (title, startFleet) => {
  it(`derives again what a failover lost, in a new epoch, and goes on by itself (SEED=${SEED})`, async () => {
    const world = await rig(await startFleet());
    const { fleet, pools, redis } = world;
    world.start(["poll"]);
    const url = await urlOf(world.start(["serve"]));
    await expect.poll(() => statusOf(`${url}/readyz`), { timeout: 60_000, interval: 100 }).toBe(200);
    const tape = followAlerts(socketUrl(url));
    onTestFinished(() => tape.stop());

    // Nothing is decided while the story goes on, so that its alert is committed in one known moment.
    const waitMs = (SHUTDOWN + 35 * MINUTE - pools.now()) / SPEED;
    await delay(Math.max(0, waitMs));
    const epochBefore = await redis.hget("{hashfall}:log-meta", "epoch");
    const master = await fleet.master();
    // From here on nothing reaches the replicas: what is acknowledged now is what the failover will lose.
    const cutAt = pools.now();
    const replicas = await haltReplicas(fleet, master);
    const detect = world.start(["detect"]);
    const isOpening = ({ scope, region, type }: AlertTape["events"][number]): boolean =>
      scope === "region" && region === "KZ" && type === "opened";
    await expect.poll(() => tape.events.some(isOpening), { timeout: 120_000, interval: 50 }).toBe(true);
    const opened = tape.events.find(isOpening)!;
    const heard = tape.events.filter(({ at }) => Date.parse(at) <= cutAt - INTERVAL_MS);
    const { killed, recoveryMs } = await killMaster(world, replicas);
    const isAgain = async (): Promise<boolean> => {
      const record = await redis.hget(`{hashfall}:alert:${opened.id}`, String(opened.revision)).catch(() => null);
      return record !== null;
    };
    await expect.poll(isAgain, { timeout: 60_000, interval: 50 }).toBe(true);
    const log = (await redis.xrange("{hashfall}:log", "-", "+")).map(([, fields]) => JSON.parse(fields[1] ?? "{}"));
    const epochAfter = (): Promise<string | null> => redis.hget("{hashfall}:log-meta", "epoch");
    await expect.poll(epochAfter, { timeout: 60_000, interval: 50 }).not.toBe(epochBefore);
    expect(names(log)).toEqual(expect.arrayContaining(names(heard)));
    const { cursor: _cursor, latency: _latency, ...stored } = opened;
    expect(log.find(({ id, revision }) => id === opened.id && revision === opened.revision)).toEqual(stored);
    await expect.poll(() => tape.gaps, { timeout: 60_000, interval: 50 }).toBeGreaterThan(0);

    // Once more without help: what does a plain death of the master lose?
    await killed.start();
    const online = async (): Promise<string> => (await fleet.master()).client.info("replication").catch(() => "");
    const whole = new RegExp(`connected_slaves:${fleet.replicas}\\b(?:[^]*state=online){${fleet.replicas}}`);
    await expect.poll(online, { timeout: 60_000, interval: 100 }).toMatch(whole);
    const writer = startWriter(redis);
    await delay(2 * TICK_MS);
    const plain = await killMaster(world);
    const writes = await writer.stop();
    const served = (): Promise<number> => statusOf(`${url}/readyz`);
    await expect.poll(served, { timeout: 60_000, interval: 100 }).toBe(200);
    const final = (await redis.xrange("{hashfall}:log", "-", "+")).map(([, fields]) => JSON.parse(fields[1] ?? "{}"));
    expect(new Set(names(final)).size).toBe(final.length);
    expect(detect.child.exitCode).toBeNull();
    console.log(
      [
        `Redis ${title}`,
        `  forced loss: ${heard.length} delivered events gone, all derived again with the same id and revision; a tick decided ${recoveryMs} ms after the kill`,
        `  plain kill: a tick decided after ${plain.recoveryMs} ms (a tick every ${TICK_MS} ms); writes stood still for ${writes.longestGapMs} ms`,
        `  acknowledged writes: ${writes.acknowledged}, lost: ${writes.lost}, refused: ${writes.errors}`,
      ].join("\n"),
    );
    // A few seconds on a machine that has nothing else to do.
    expect(plain.recoveryMs).toBeLessThan(60_000);
  });
});
