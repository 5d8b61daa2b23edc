/** Whole processes of the service against simulated pools, faster than life; for the proofs under test/ops. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Redis } from "ioredis";
import { pino } from "pino";
import { parse } from "yaml";
import { loadConfigFile } from "../../src/config/load.ts";
import { backfillNetwork } from "../../src/jobs/backfill.ts";
import { decide } from "../../src/jobs/decide.ts";
import { makeEngine } from "../../src/jobs/engine.ts";
import { readSamples } from "../../src/jobs/history.ts";
import type { Role } from "../../src/runtime/roles.ts";
import { demoConfigText } from "../../src/simulate/demo-config.ts";
import { type SimServer, startSimServer } from "../../src/simulate/server/serve.ts";
import type { RedisClient } from "../../src/store/connect.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { type RunningCli, startNode } from "./cli.ts";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.ts";

const ENTRY = fileURLToPath(new URL("./scaled-service.mjs", import.meta.url));
const SCENARIO = "kazakhstan-2022";
export const INTERVAL_MS = 300_000;
/** The story's shutdown. */
export const SHUTDOWN = Date.parse("2022-01-05T10:30:00Z");

export interface Pools {
  /** By name of the network. */
  readonly networks: ReadonlyMap<string, { readonly sim: SimServer; readonly proxy: CountingProxy }>;
  readonly clock: { readonly realStart: number; readonly dataStart: number; readonly speed: number };
  readonly configPath: string;
  /** Data time, ms. */
  now(): number;
  /** Writes the configuration again with every weight times a factor; 1 is the original. */
  writeConfig(weightFactor?: number): void;
  stop(): Promise<void>;
}

export interface PoolsOptions {
  readonly dir: string;
  readonly networks: readonly string[];
  readonly seed: number;
  readonly speed: number;
  /** Data time at which the story is entered, ms. */
  readonly start: number;
}

/** One simulator for each network behind a proxy that counts, and a configuration file that names them. */
export async function startPools(options: PoolsOptions): Promise<Pools> {
  const { dir, seed, speed, start } = options;
  const networks = new Map<string, { sim: SimServer; proxy: CountingProxy }>();
  const clock = { realStart: Date.now(), dataStart: start, speed };
  const data = { now: () => start + (Date.now() - clock.realStart) * speed };
  const real = { now: () => Date.now() };
  for (const [i, name] of options.networks.entries()) {
    const sim = await startSimServer({ scenario: SCENARIO, seed: seed + i, start, clocks: { data, real, speed } });
    networks.set(name, { sim, proxy: await startCountingProxy(sim.url, () => data.now()) });
  }
  const configPath = join(dir, "hashfall.yaml");
  const writeConfig = (weightFactor = 1): void => {
    const merged = Object.fromEntries(
      [...networks].map(([name, { proxy }]) => {
        const text = demoConfigText(SCENARIO, proxy.url);
        const { networks: only } = parse(text) as { networks: Record<string, unknown> };
        return [name, only.bitcoin];
      }),
    );
    const scale = (key: string, value: unknown): unknown =>
      key === "weight" && typeof value === "number" ? Number((value * weightFactor).toFixed(4)) : value;
    writeFileSync(configPath, JSON.stringify({ networks: merged }, scale, 1));
  };
  writeConfig();
  return {
    networks,
    clock,
    configPath,
    now: () => data.now(),
    writeConfig,
    async stop() {
      for (const { sim, proxy } of networks.values()) {
        await proxy.stop();
        await sim.stop();
      }
    },
  };
}

const logger = pino({ level: "silent" });
const real = { now: () => Date.now() };

function storeOn(redis: Redis | RedisClient): Store {
  const openFollower = (): never => {
    throw new Error("nobody follows here");
  };
  return makeStore({ keyTag: "hashfall" }, { redis: redis as RedisClient, openFollower, real, logger });
}

/** Two days of history for every network, so that the story begins with a detector that knows its pools. */
export async function warmUp(pools: Pools, redis: Redis | RedisClient): Promise<void> {
  const store = storeOn(redis);
  for (const [name, { sim }] of pools.networks) {
    const response = await fetch(`${sim.url}/sim/history?hours=48`);
    const rows = readSamples(
      Readable.fromWeb(response.body as import("node:stream/web").ReadableStream),
      (line, why) => {
        throw new Error(`history, line ${line}: ${why}`);
      },
    );
    const network = { name, intervalMs: INTERVAL_MS };
    await backfillNetwork(network, rows, { ...store, enqueue: async () => undefined, report: () => undefined });
  }
}

/** Decides all history here, so that a detecting process begins with the story, however slow this machine is. */
export async function decideHistory(pools: Pools, redis: Redis | RedisClient): Promise<void> {
  const store = storeOn(redis);
  const { networks, hash: configHash } = await loadConfigFile(pools.configPath);
  const generation = await store.generations.register(configHash);
  const engine = makeEngine(networks.map(({ model }) => model));
  for (const { name: network } of networks) {
    const deps = { samples: store.samples, states: store.states, engine, real, logger, onCommitted: () => {} };
    await decide({ network, throughTick: pools.now(), configHash, generation }, deps);
  }
}

export interface ServiceStart {
  readonly pools: Pools;
  readonly roles: readonly Role[];
  /** Absent: the embedded one in `dataDir`. */
  readonly redisUrl?: string;
  readonly dataDir?: string;
  readonly port?: number;
  readonly logLevel?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function startService(options: ServiceStart): RunningCli {
  const { pools, roles, redisUrl, dataDir = "/nonexistent", port = 0, logLevel = "info", env = {} } = options;
  const { configPath, clock } = pools;
  const started = { configPath, clock, roles, redisUrl, dataDir, port, logLevel };
  return startNode([ENTRY, JSON.stringify(started)], { env });
}

/** `http://127.0.0.1:port` of a service that serves, once it does. */
export async function urlOf(service: RunningCli): Promise<string> {
  const [, url = ""] = await service.says(/hashfall is at (http:\S+)/);
  return url.replace(/\/$/, "");
}

export const socketUrl = (url: string): string => `${url.replace("http", "ws")}/ws`;
