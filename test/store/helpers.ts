/** Short ways to the things that tests of the store hand over. */
import { pino } from "pino";
import { onTestFinished } from "vitest";
import type { AlertEvent } from "../../src/model/alert.ts";
import type { RateSample } from "../../src/model/sample.ts";
import { isoTime } from "../../src/model/tick.ts";
import type { NetworkView } from "../../src/model/view.ts";
import { makeConnections, type RedisClient } from "../../src/store/connect.ts";
import type { Commit, StoredState } from "../../src/store/contract.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import type { TestRedis } from "../support/redis.ts";

export const SILENT = pino({ level: "silent" });
export const INTERVAL = 300_000;
/** 2022-01-05T10:00:00Z, a tick and an hour. */
export const T0 = Date.UTC(2022, 0, 5, 10);
/** The tick `n` intervals after T0. */
export const tick = (n: number): number => T0 + n * INTERVAL;

export interface TestStore extends Store {
  readonly redis: RedisClient;
}

let tags = 0;

/** A store with keys of its own on the file's server, over connections like the service's; closed after the test. */
export function storeOn(server: TestRedis, options: { keyTag?: string } = {}): TestStore {
  const connections = makeConnections({ url: server.url }, { logger: SILENT });
  onTestFinished(() => connections.close());
  const redis = connections.open("command");
  const real = { now: () => Date.now() };
  const keyTag = options.keyTag ?? `t${tags++}`;
  const openFollower = () => connections.open("follow");
  return { redis, ...makeStore({ keyTag }, { redis, openFollower, real, logger: SILENT }) };
}

export function rate(at: number, pool: string, hashrate: number, more: Partial<RateSample> = {}): RateSample {
  return { kind: "rate", at, pool, hashrate, source: "test", ...more };
}

export function event(id: string, revision: number, at: number, more: Partial<AlertEvent> = {}): AlertEvent {
  return {
    type: revision === 1 ? "opened" : "updated",
    id,
    revision,
    network: "bitcoin",
    scope: "region",
    region: "KZ",
    ambiguous: false,
    severity: "critical",
    at: isoTime(at),
    startedAt: isoTime(at - INTERVAL),
    detectorVersion: "1",
    configHash: "c1",
    ...more,
  };
}

export function view(at: number, regions: NetworkView["regions"] = [], hashrate?: number): NetworkView {
  const total = hashrate === undefined ? {} : { hashrate };
  return { network: "bitcoin", at, state: "ok", ...total, regions, pools: [], sources: [], rejected: {} };
}

/** A commit of one tick on top of a state. */
export function commitOn(state: StoredState, at: number, more: Partial<Commit> = {}): Commit {
  return {
    network: "bitcoin",
    expectedVersion: state.version,
    commitId: `commit-${state.version + 1}`,
    generation: 1,
    configHash: "c1",
    tick: at,
    cursor: state.cursor,
    bytes: new Uint8Array([1, 2, 3]),
    events: [],
    bundles: [],
    views: [view(at)],
    sampledAt: 0,
    detectedAt: 0,
    ...more,
  };
}

/** Publishes events in one commit at the next tick, whatever was stored. */
export async function publish(store: Store, events: readonly AlertEvent[], more: Partial<Commit> = {}): Promise<void> {
  const state = await store.states.load("bitcoin");
  const at = Math.max(state.tick, T0) + INTERVAL;
  const read = await store.samples.readSince("bitcoin", state.cursor, at, 1000);
  const result = await store.states.commit(commitOn(state, at, { cursor: read.cursor, events, ...more }));
  if (result !== "committed") throw new Error(`the test's commit was a ${result}`);
}
