/**
 * A real process that is killed with SIGKILL at any message to Redis while it polls and decides the tick at which a region
 * falls: whoever goes on leaves the same alert log, byte for byte, and the same state. `EVERY=6` tries every sixth message alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfigFile } from "../../../src/config/load.ts";
import { backfillNetwork } from "../../../src/jobs/backfill.ts";
import { decide } from "../../../src/jobs/decide.ts";
import { makeEngine } from "../../../src/jobs/engine.ts";
import type { PoolSample, RateSample } from "../../../src/model/sample.ts";
import { demoConfigText } from "../../../src/simulate/demo-config.ts";
import { simulateTicks } from "../../../src/simulate/samples.ts";
import { scenarioNamed } from "../../../src/simulate/scenarios/registry.ts";
import type { RedisClient } from "../../../src/store/connect.ts";
import { makeKeys } from "../../../src/store/keys.ts";
import { makeStore, type Store } from "../../../src/store/store.ts";
import { SILENT } from "../../store/helpers.ts";
import { type RunningCli, startNode } from "../../support/cli.ts";
import { startTestRedis, type TestRedis } from "../../support/redis.ts";
import { INTERVAL_MS, SHUTDOWN } from "../../support/service.ts";
import { startKillingProxy } from "./killing-proxy.ts";

const PROCESS = fileURLToPath(new URL("./deciding-process.mjs", import.meta.url));
const EVERY = Number(process.env.EVERY ?? 1);
/** So many processes at once: those that go on all wait for the same leases to run out. */
const AT_ONCE = EVERY > 1 ? 6 : 12;
const NETWORK = "bitcoin";

const dir = mkdtempSync("/tmp/hf-killed-");
const configPath = join(dir, "hashfall.yaml");
let redis: TestRedis;
let admin: Redis;
/** The tick at which the fall is told, and what the pools say then. */
let told: { readonly tick: number; readonly rows: readonly object[] };

function storeOf(keyTag: string): Store {
  const openFollower = (): never => {
    throw new Error("nobody follows here");
  };
  const real = { now: () => Date.now() };
  return makeStore({ keyTag }, { redis: admin as RedisClient, openFollower, real, logger: SILENT });
}

const isRate = (sample: PoolSample): sample is RateSample => sample.kind === "rate";

/** A figure of a simulated tick as its source would say it. */
function observationOf(sample: RateSample): object {
  const window = { kind: "unknown", seconds: sample.windowSeconds ?? null };
  const unmarked = { staleAfterMs: 3_600_000, observedAtBasis: "fetch-time", raw: { text: "", unit: "H/s" } };
  return { ...unmarked, ...sample, region: sample.region ?? null, basis: sample.basis ?? "pool-reported", window };
}

/** Stores and decides the simulated story up to the tick that tells of a region's fall; that one is left to the processes. */
async function prepare(): Promise<void> {
  writeFileSync(configPath, demoConfigText("kazakhstan-2022", "http://127.0.0.1:1"));
  const span = { from: SHUTDOWN - 47 * 3_600_000, to: SHUTDOWN + 3_600_000, intervalMs: INTERVAL_MS };
  const ticks = [...simulateTicks(scenarioNamed("kazakhstan-2022"), 1, span)];
  const { networks, hash: configHash } = await loadConfigFile(configPath);
  const model = networks[0]!.model;
  const store = storeOf("story");
  const generation = await store.generations.register(configHash);
  const decideThrough = async (to: number) => {
    const deps = {
      ...store,
      engine: makeEngine([model]),
      real: { now: () => 0 },
      logger: SILENT,
      onCommitted: () => {},
    };
    await decide({ network: NETWORK, throughTick: to, configHash, generation }, deps);
  };
  const before = ticks.filter(({ at }) => at <= SHUTDOWN).flatMap(({ samples }) => samples);
  const history = { ...store, enqueue: async () => undefined, report: () => undefined };
  await backfillNetwork({ name: NETWORK, intervalMs: INTERVAL_MS }, Readable.from(before), history);
  await decideThrough(SHUTDOWN);
  let base = (await store.states.load(NETWORK)).bytes ?? null;
  const after = ticks
    .filter(({ at }) => at > SHUTDOWN)
    .map(({ at, samples }) => ({ at, rows: samples.filter(isRate) }));
  for (const { at, rows } of after) {
    const result = await makeEngine([model]).run({ network: NETWORK, base, commitId: "look", ticks: [{ at, rows }] });
    if (result === "not-kept") throw new Error("a state that was given as bytes is always kept");
    if (result.events.some(({ scope }) => scope === "region")) {
      for (const each of after.filter((earlier) => earlier.at < at)) {
        await store.samples.append(NETWORK, each.at, INTERVAL_MS, each.rows);
      }
      await decideThrough(at - 1);
      told = { tick: at, rows: rows.map(observationOf) };
      return;
    }
    base = result.bytes;
  }
  throw new Error("no tick of the story tells of a region");
}

/** The story's keys again, under a tag of their own. */
async function copyStory(keyTag: string): Promise<void> {
  for (const key of await admin.keys("{story}:*")) await admin.copy(key, key.replace("{story}", `{${keyTag}}`));
}

/** What a client can see, without the times of delivery: the log's events, each alert's record, and the detector's state. */
async function seen(keyTag: string): Promise<string> {
  const store = storeOf(keyTag);
  const { items } = await store.alertLog.after(`${await store.alertLog.epoch()}~0-0`, 1_000);
  const strip = ({ cursor, latency, ...event }: (typeof items)[number]) => JSON.stringify(event);
  const { items: records } = await store.alerts.list({ limit: 100 });
  const bytes = Buffer.from((await store.states.load(NETWORK)).bytes ?? []).toString("base64");
  return [...items.map(strip), ...records.map(({ latest }) => strip(latest)), bytes].join("\n");
}

function start(keyTag: string, holder: string, port: number): RunningCli {
  return startNode([PROCESS, JSON.stringify({ port, keyTag, configPath, holder, ...told })]);
}

async function isDecided(keyTag: string): Promise<boolean> {
  const decided = Number(await admin.hget(makeKeys(keyTag).state(NETWORK), "tick"));
  return decided >= told.tick && (await storeOf(keyTag).claims.isDone(NETWORK, told.tick));
}

beforeAll(async () => {
  redis = await startTestRedis();
  admin = redis.client();
  await prepare();
});
afterAll(async () => {
  await redis.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs a process on a copy of the story, kills it at a message, and says whether it was through before that. */
async function killedAt(message: number, isPassed: boolean) {
  const keyTag = `kill-${isPassed}-${message}`;
  await copyStory(keyTag);
  let running: RunningCli | undefined;
  const kill = () => void running?.child.kill("SIGKILL");
  const proxy = await startKillingProxy({ message, isPassed }, { redisSocket: redis.socketPath, kill });
  running = start(keyTag, "victim", proxy.port);
  const how = await Promise.race([running.ended, untilDecided(keyTag, running)]);
  if (how === "decided") await running.stop("SIGKILL");
  proxy.stop();
  return { keyTag, how, message };
}

/** Resolves when the tick is polled and decided; never when the process ends before. */
async function untilDecided(keyTag: string, running: RunningCli): Promise<"decided"> {
  let isOver = false;
  void running.ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    if (await isDecided(keyTag)) return "decided";
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return new Promise(() => undefined);
}

describe("a process that is killed at any message of a poll and its detect job", () => {
  it.each([
    ["before Redis has it", false],
    ["when Redis has it and has not answered", true],
  ])("%s, leaves the same log as one that was not", async (when, isPassed) => {
    const plain = await killedAt(Number.POSITIVE_INFINITY, isPassed);
    const undisturbed = await seen(plain.keyTag);
    expect(undisturbed).toContain('"scope":"region"');
    let kills = 0;
    for (let from = 0, isThrough = false; !isThrough; from += AT_ONCE) {
      const cases = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, i) => killedAt((from + i) * EVERY, isPassed)),
      );
      const victims = cases.filter(({ how }) => how !== "decided");
      for (const { how, message } of victims) expect(how, `at message ${message}`).toBe("SIGKILL");
      const after = await startKillingProxy(
        { message: Number.POSITIVE_INFINITY, isPassed },
        { redisSocket: redis.socketPath, kill: () => undefined },
      );
      await Promise.all(
        victims.map(async ({ keyTag, message }) => {
          const next = start(keyTag, "next", after.port);
          await expect.poll(() => isDecided(keyTag), { timeout: 120_000, interval: 100, message: keyTag }).toBe(true);
          await next.stop("SIGKILL");
          expect(await seen(keyTag), `killed at message ${message}`).toBe(undisturbed);
        }),
      );
      after.stop();
      kills += victims.length;
      isThrough = victims.length === 0;
    }
    console.log(`killed at each of ${kills} messages of a poll and its decision, ${when}`);
    expect(kills).toBeGreaterThan(10 / EVERY);
  });
});
