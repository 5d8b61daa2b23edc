/** A worker that committed the last state keeps it decoded; what is decided must not depend on who kept what. */
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DetectorModel } from "../../src/detect/contract.ts";
import { decide } from "../../src/jobs/decide.ts";
import { type Engine, makeEngine } from "../../src/jobs/engine.ts";
import type { Store } from "../../src/store/store.ts";
import { modelOf, world } from "../detect/world.ts";
import { storeOn } from "../store/helpers.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

const logger = pino({ level: "silent" });
const real = { now: () => Date.now() };
const model = modelOf();
const fall = { region: "KZ", drop: 0.9, from: 30, until: 40 };
const ticks = [...world({ seed: 3, days: 1.4, falls: [fall] })];
/** The last tick before which nothing happens: half an hour before the fall. */
const CALM = 29.5 * 12;

let server: TestRedis;
let tags = 0;

beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

/** What each run of the engine began from. */
interface Watched extends Engine {
  readonly bases: ("bytes" | "kept" | "nothing")[];
}

function watched(models: readonly DetectorModel[] = [model]): Watched {
  const engine = makeEngine(models);
  const bases: Watched["bases"][number][] = [];
  return {
    ...engine,
    bases,
    run(request) {
      bases.push(request.base === null ? "nothing" : request.base instanceof Uint8Array ? "bytes" : "kept");
      return engine.run(request);
    },
  };
}

interface Workers {
  readonly store: Store;
  /** Appends ticks `from` to `n` and lets a worker decide them. */
  decideWith(n: number, engine: Engine, from?: number): Promise<void>;
}

async function workers(): Promise<Workers> {
  const store = storeOn(server, { keyTag: `k${++tags}` });
  const generation = await store.generations.register("h");
  return {
    store,
    async decideWith(n, engine, from = n) {
      for (const { at, rows } of ticks.slice(from, n + 1)) {
        await store.samples.append("bitcoin", at, model.intervalSeconds * 1000, rows);
      }
      const deps = { samples: store.samples, states: store.states, engine, real, logger, onCommitted: () => {} };
      const throughTick = ticks[n]?.at ?? 0;
      const decision = await decide({ network: "bitcoin", throughTick, configHash: "h", generation }, deps);
      expect(decision).toMatchObject({ outcome: "done", ticks: n - from + 1 });
    },
  };
}

const logOf = async (store: Store) =>
  (await store.alertLog.after(`${await store.alertLog.epoch()}~0-0`, 10_000)).items.map(
    ({ id, revision, type, lost, candidates, at }) => ({ id, revision, type, lost, candidates, at }),
  );
const bytesOf = async (store: Store) =>
  Buffer.from((await store.states.load("bitcoin")).bytes ?? []).toString("base64");

describe("the kept state", () => {
  it("decides byte for byte as a worker that reads the state at every tick, a takeover in mid-alert included", async () => {
    const [kept, fresh, shared] = [await workers(), await workers(), await workers()];
    const one = watched();
    const [first, second] = [watched(), watched()];
    await Promise.all([kept.decideWith(CALM, one, 0), fresh.decideWith(CALM, makeEngine([model]), 0)]);
    await shared.decideWith(CALM, first, 0);
    for (let n = CALM + 1; n < ticks.length; n++) {
      await kept.decideWith(n, one);
      await fresh.decideWith(n, makeEngine([model]));
      // Two workers in turns of seven ticks: a kept state of long ago must never be gone on from.
      await shared.decideWith(n, Math.floor((n - CALM) / 7) % 2 === 0 ? first : second);
    }
    const log = await logOf(fresh.store);
    expect(log.some(({ type }) => type === "opened")).toBe(true);
    expect(await logOf(kept.store)).toEqual(log);
    expect(await logOf(shared.store)).toEqual(log);
    expect(await bytesOf(kept.store)).toBe(await bytesOf(fresh.store));
    expect(await bytesOf(shared.store)).toBe(await bytesOf(fresh.store));
    expect(one.bases[0]).toBe("nothing");
    expect(new Set(one.bases.slice(1))).toEqual(new Set(["kept"]));
    expect(second.bases.slice(0, 8)).toEqual(["bytes", "kept", "kept", "kept", "kept", "kept", "kept", "bytes"]);
  });

  it("reads no bytes of a state that it keeps, and all of one that another commit wrote", async () => {
    const { store, decideWith } = await workers();
    const engine = watched();
    await decideWith(0, engine);
    const held = engine.kept("bitcoin");
    expect(held).toBeTypeOf("string");
    expect((await store.states.load("bitcoin", held)).bytes).toBeUndefined();
    expect((await store.states.load("bitcoin", "another")).bytes).toBeInstanceOf(Uint8Array);
    await decideWith(1, watched());
    expect((await store.states.load("bitcoin", held)).bytes).toBeInstanceOf(Uint8Array);
  });

  it("is not gone on from after Redis was emptied, although versions begin anew", async () => {
    const { store, decideWith } = await workers();
    const engine = watched();
    await decideWith(0, engine);
    await server.client().flushall();
    const generation = await store.generations.register("h");
    expect(generation).toBeGreaterThan(0);
    await decideWith(1, engine);
    expect(engine.bases).toEqual(["nothing", "nothing"]);
    expect((await store.states.load("bitcoin")).version).toBe(1);
  });

  it("is asked for with its bytes when it is gone between the read and the run", async () => {
    const { decideWith } = await workers();
    const engine = watched();
    await decideWith(0, engine);
    let stolen = false;
    const thief: Engine = {
      ...engine,
      async run(request) {
        const { base } = request;
        if (!stolen && base !== null && !(base instanceof Uint8Array)) {
          stolen = true;
          await engine.run(request);
        }
        return engine.run(request);
      },
    };
    await decideWith(1, thief);
    expect(stolen).toBe(true);
    expect(engine.bases).toEqual(["nothing", "kept", "kept", "bytes"]);
  });

  it("of more networks than fit is dropped, the one used longest ago first", async () => {
    const large = Array.from({ length: 400 }, (_, p) => ({
      id: `pool${p}`,
      size: 1e18,
      windowMinutes: 10,
      weights: { US: 1 },
    }));
    const names = Array.from({ length: 40 }, (_, k) => `net${k}`);
    const engine = makeEngine(names.map((network) => ({ ...modelOf(large), network })));
    let bytes = 0;
    for (const network of names) {
      const result = await engine.run({ network, base: null, commitId: "a", ticks: [{ at: 300_000, rows: [] }] });
      if (result !== "not-kept") bytes += result.bytes.length;
    }
    const kept = names.filter((network) => engine.kept(network) !== undefined);
    expect(bytes).toBeGreaterThan(64 * 2 ** 20);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept).toEqual(names.slice(-kept.length));
    expect((bytes / names.length) * kept.length).toBeLessThanOrEqual(64 * 2 ** 20);
  });
});
