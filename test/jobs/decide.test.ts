import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Committed, type DecideDeps, decide } from "../../src/jobs/decide.ts";
import type { Sample } from "../../src/model/sample.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { makeCountingEngine } from "./counting-engine.ts";

const INTERVAL = 300_000;
const START = Date.UTC(2022, 0, 5);
const tickAt = (n: number): number => START + n * INTERVAL;
const logger = pino({ level: "silent" });

let server: TestRedis;
let tags = 0;

beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

function setUp(): { store: Store; engine: ReturnType<typeof makeCountingEngine>; deps: DecideDeps; told: Committed[] } {
  const store = makeStore(
    { keyTag: `t${++tags}` },
    { redis: server.client(), openFollower: () => server.client(), real: { now: () => Date.now() }, logger },
  );
  const engine = makeCountingEngine();
  const told: Committed[] = [];
  const deps = {
    samples: store.samples,
    states: store.states,
    engine,
    real: { now: () => Date.now() },
    logger,
    onCommitted: (committed: Committed) => told.push(committed),
  };
  return { store, engine, deps, told };
}

const row = (n: number, pool: string): Sample => ({ kind: "rate", at: tickAt(n), pool, hashrate: 1e18, source: "s" });
const request = async (store: Store, n: number, hash = "h1") => ({
  network: "bitcoin",
  throughTick: tickAt(n),
  configHash: hash,
  generation: await store.generations.register(hash),
});
const logOf = async (store: Store) => (await store.alertLog.after(`${await store.alertLog.epoch()}~0-0`, 10_000)).items;

describe("deciding ticks", () => {
  it("commits every stored tick up to the one asked for, and nothing the second time", async () => {
    const { store, deps, engine, told } = setUp();
    for (let n = 0; n < 60; n++) await store.samples.append("bitcoin", tickAt(n), INTERVAL, [row(n, "a"), row(n, "b")]);
    const first = await decide(await request(store, 49), deps);
    expect(first).toMatchObject({ outcome: "done", ticks: 50 });
    expect((await store.states.load("bitcoin")).tick).toBe(tickAt(49));
    const runs = engine.runs;
    expect(await decide(await request(store, 49), deps)).toMatchObject({ outcome: "nothing", ticks: 0 });
    expect(engine.runs).toBe(runs);
    expect((await logOf(store)).map((event) => event.lost?.hashrate)).toEqual(
      Array.from({ length: 50 }, (_, n) => 2 * (n + 1)),
    );
    expect(told.reduce((sum, { ticks }) => sum + ticks, 0)).toBe(50);
  });

  it("makes good a tick whose job was lost when the next one comes", async () => {
    const { store, deps } = setUp();
    for (let n = 0; n < 3; n++) await store.samples.append("bitcoin", tickAt(n), INTERVAL, [row(n, "a")]);
    await decide(await request(store, 0), deps);
    expect(await decide(await request(store, 2), deps)).toMatchObject({ outcome: "done", ticks: 2 });
    expect(await logOf(store)).toHaveLength(3);
  });

  it("reads again when a row came in while it was deciding, and counts it once", async () => {
    const { store, deps, engine } = setUp();
    await store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0, "a")]);
    let late = true;
    engine.before = async () => {
      if (late) await store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0, "late")]);
      late = false;
    };
    expect(await decide(await request(store, 0), deps)).toMatchObject({ outcome: "done", ticks: 1 });
    expect((await logOf(store)).map((event) => event.lost?.hashrate)).toEqual([2]);
    expect(engine.runs).toBe(2);
  });

  it("gives a row that comes after its tick was decided to the next tick", async () => {
    const { store, deps } = setUp();
    await store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0, "a")]);
    await decide(await request(store, 0), deps);
    expect(await store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0, "late")])).toMatchObject({ moved: 1 });
    await store.samples.append("bitcoin", tickAt(1), INTERVAL, [row(1, "a")]);
    await decide(await request(store, 1), deps);
    expect((await logOf(store)).map((event) => event.lost?.hashrate)).toEqual([1, 3]);
  });

  it("commits nothing under a configuration that is no longer in force", async () => {
    const { store, deps } = setUp();
    await store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0, "a")]);
    const old = await request(store, 0, "old");
    await store.generations.register("new");
    expect(await decide(old, deps)).toMatchObject({ outcome: "superseded", ticks: 0 });
    expect(await logOf(store)).toEqual([]);
  });

  it("gives up with a temporary error when the state keeps changing under it", async () => {
    const { store, deps, engine } = setUp();
    await store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0, "a")]);
    let n = 0;
    engine.before = async () => {
      await store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0, `late-${n++}`)]);
    };
    await expect(decide(await request(store, 0), deps)).rejects.toMatchObject({
      code: "DECIDE_CONFLICT",
      kind: "temporary",
    });
    expect(await logOf(store)).toEqual([]);
  });

  it("lets two racing workers commit each of 200 ticks exactly once", async () => {
    const { store, deps, told } = setUp();
    const other = { ...deps, engine: makeCountingEngine() };
    for (let n = 0; n < 200; n++) await store.samples.append("bitcoin", tickAt(n), INTERVAL, [row(n, "a")]);
    for (let n = 19; n < 200; n += 20) {
      const asked = await request(store, n);
      await Promise.all([decide(asked, deps), decide(asked, other)]);
    }
    const log = await logOf(store);
    expect(log.map((event) => event.lost?.hashrate)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    expect(new Set(log.map((event) => event.id)).size).toBe(200);
    expect(told.flatMap(({ events }) => events).length).toBe(200);
  });
});
