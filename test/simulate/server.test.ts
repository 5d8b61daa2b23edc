import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Clocks } from "../../src/model/clock.ts";
import type { Sample } from "../../src/model/sample.ts";
import { parseSampleLine } from "../../src/model/sample-line.ts";
import { poolSamples } from "../../src/simulate/samples.ts";
import { scenarioNamed } from "../../src/simulate/scenarios/registry.ts";
import { type SimServer, type SimServerOptions, startSimServer } from "../../src/simulate/server/serve.ts";
import { World } from "../../src/simulate/world/world.ts";

const HOUR_MS = 3_600_000;
const TICK_MS = 300_000;
const scenario = scenarioNamed("kazakhstan-2022");
const SEED = 4;

const running: SimServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

/** A server whose data time stands where the test puts it. */
async function serve(options: Partial<SimServerOptions> = {}, at: { now: number } = { now: scenario.servesFrom }) {
  const clocks: Clocks = { data: { now: () => at.now }, real: { now: () => 1_000 }, speed: 300 };
  const server = await startSimServer({ scenario: scenario.name, seed: SEED, clocks, ...options });
  running.push(server);
  return server;
}

async function json(url: string): Promise<unknown> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return response.json();
}

async function history(server: SimServer, query = ""): Promise<Sample[]> {
  const text = await (await fetch(`${server.url}/sim/history${query}`)).text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const parsed = parseSampleLine(line);
      if (!parsed.ok || parsed.sample.kind === "tick") throw new Error(`not a sample: ${line}`);
      return parsed.sample;
    });
}

const rate = z.number().min(1e19).max(1e20);
const miningPools = z.strictObject({
  pools: z
    .array(
      z.strictObject({
        poolId: z.number().int(),
        name: z.string(),
        link: z.url(),
        blockCount: z.number().int().positive(),
        rank: z.number().int().positive(),
        emptyBlocks: z.number().int(),
        slug: z.string().regex(/^[a-z0-9]+$/),
        avgMatchRate: z.number(),
        avgFeeDelta: z.string(),
        poolUniqueId: z.number().int(),
      }),
    )
    .min(8),
  blockCount: z.number().int().positive(),
  lastEstimatedHashrate: z.number().min(1e20).max(3e20),
  lastEstimatedHashrate3d: z.number().min(1e20).max(3e20),
  lastEstimatedHashrate1w: z.number().min(1e20).max(3e20),
});
const block = z.looseObject({
  id: z.string().regex(/^0{20}[0-9a-f]{44}$/),
  height: z.number().int(),
  timestamp: z.number().int(),
  difficulty: z.number().positive(),
  previousblockhash: z.string(),
  extras: z.looseObject({ pool: z.looseObject({ id: z.number().int(), name: z.string(), slug: z.string() }) }),
});

/** Path -> the shape that the real API has there. */
const SHAPES: Readonly<Record<string, z.ZodType>> = {
  "/foundry/pool_stats": z.looseObject({ hashrate1hrAvg: z.number().min(1e10).max(1e11) }),
  "/antpool/auth/v3/index/poolcoins": z.looseObject({
    data: z.object({
      items: z
        .array(z.looseObject({ coinType: z.string(), poolHashrate: z.string().regex(/^[0-9.]+ [TE]H\/s$/) }))
        .min(2),
    }),
  }),
  "/viabtc/res/pool/BTC/state/usd/chart": z.looseObject({
    message: z.literal("OK"),
    data: z.looseObject({ viabtc_hash: z.array(rate).min(1) }),
  }),
  "/binance/mining-api/v1/public/pool/index": z.looseObject({
    code: z.literal(0),
    data: z.looseObject({
      algoList: z.array(z.looseObject({ algoName: z.string(), poolHash: z.string().regex(/^\d+$/) })).min(2),
    }),
  }),
  "/reported/f2pool": z.strictObject({ pool: z.literal("f2pool"), hashrate: rate, updated: z.number().int() }),
  "/miningcore/api/pools": z.looseObject({
    pools: z
      .array(
        z.looseObject({
          id: z.string(),
          coin: z.looseObject({ symbol: z.literal("BTC") }),
          poolStats: z.looseObject({ poolHashrate: z.number().positive(), connectedMiners: z.number().int() }),
        }),
      )
      .length(2),
  }),
  "/regions-map/ckpool": z.object({
    error: z.null(),
    result: z.object({ total: z.number(), regions: z.object({ us: z.number(), eu: z.number(), au: z.number() }) }),
  }),
  "/mempool/api/v1/mining/pools/24h": miningPools,
  "/mempool/api/v1/mining/pools/1w": miningPools,
  "/mempool/api/v1/mining/hashrate/3d": z.strictObject({
    hashrates: z.array(z.object({ timestamp: z.number().int(), avgHashrate: z.number().positive() })).min(2),
    difficulty: z.array(z.object({ timestamp: z.number(), difficulty: z.number(), height: z.number().int() })),
    currentHashrate: z.number().min(1e20).max(3e20),
    currentDifficulty: z.number().positive(),
  }),
  "/mempool/api/v1/blocks": z.array(block).length(15),
};

describe("the simulator's server", () => {
  it.each(Object.entries(SHAPES))("%s has the shape of the real API", async (path, shape) => {
    const { url } = await serve();
    expect(() => shape.parse(undefined)).toThrow();
    shape.parse(await json(`${url}${path}`));
  });

  it("writes ckpool's status as lines of JSON with suffix strings, and answers 304 for what is known", async () => {
    const { url } = await serve();
    for (const host of ["solo", "eusolo", "ausolo"]) {
      const path = `${url}/ckpool/${host}/pool/pool.status`;
      const response = await fetch(path);
      const lines = (await response.text())
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line));
      expect(lines).toHaveLength(3);
      expect(lines[0]).toMatchObject({ lastupdate: scenario.servesFrom / 1000 });
      expect(lines[1]).toMatchObject({ hashrate5m: expect.stringMatching(/^[0-9.]+(e\+03)?[TP]$/) });
      expect(response.headers.get("last-modified")).toBe(new Date(scenario.servesFrom).toUTCString());
      const etag = response.headers.get("etag") ?? "";
      const again = await fetch(path, { headers: { "if-none-match": etag } });
      expect([etag !== "", again.status]).toEqual([true, 304]);
    }
  });

  it("dates its answers in data time, also those that fail", async () => {
    const at = { now: scenario.servesFrom + 61_000 };
    const { url } = await serve({}, at);
    for (const [path, status] of [
      ["/foundry/pool_stats", 200],
      ["/regions-map/antpool", 502],
      ["/nowhere", 404],
    ] as const) {
      const response = await fetch(`${url}${path}`);
      expect([response.status, response.headers.get("date")]).toEqual([status, new Date(at.now).toUTCString()]);
    }
  });

  it("pages through the blocks without a gap, newest first", async () => {
    const { url } = await serve();
    const first = z.array(block).parse(await json(`${url}/mempool/api/v1/blocks`));
    const next = z.array(block).parse(await json(`${url}/mempool/api/v1/blocks/${first.at(-1)!.height - 1}`));
    const heights = [...first, ...next].map(({ height }) => height);
    expect(heights).toEqual(heights.map((_, index) => heights[0]! - index));
    expect(first.at(-1)!.previousblockhash).toBe(next[0]!.id);
    expect(await json(`${url}/mempool/api/blocks/tip/height`)).toBe(heights[0]);
  });

  it("tells its clock", async () => {
    const at = { now: scenario.servesFrom + 12_345 };
    const server = await serve({}, at);
    expect(await json(`${server.url}/sim/clock`)).toEqual({
      dataNow: at.now,
      speed: 300,
      scenario: scenario.name,
      seed: SEED,
      dataStart: scenario.servesFrom,
      realStart: 1_000,
      until: null,
      pid: process.pid,
    });
  });

  it("runs data time at its speed", async () => {
    const speed = 3_000;
    const server = await startSimServer({ scenario: scenario.name, seed: SEED, speed });
    running.push(server);
    const dataTime = () => server.dataStart + (Date.now() - server.realStart) * speed;
    const earliest = dataTime();
    const { dataNow } = z.looseObject({ dataNow: z.number() }).parse(await json(`${server.url}/sim/clock`));
    expect(server.dataStart).toBe(scenario.servesFrom);
    expect(dataNow).toBeGreaterThanOrEqual(earliest);
    expect(dataNow).toBeLessThanOrEqual(dataTime());
  });
});

describe("the simulator's history", () => {
  it("ends where serving begins, says that it is filled in, and covers the hours asked for", async () => {
    const server = await serve();
    const rows = await history(server, "?hours=3");
    expect(rows.every((row) => row.kind !== "label" && row.backfilled === true && row.source !== undefined)).toBe(true);
    const ticks = new Set(rows.filter((row) => row.kind === "rate").map((row) => row.at));
    expect(Math.min(...ticks)).toBe(scenario.servesFrom - 3 * HOUR_MS + TICK_MS);
    expect(Math.max(...ticks)).toBe(scenario.servesFrom);
    expect(ticks.size).toBe(36);
    expect(rows.some((row) => row.kind === "block")).toBe(true);
    const whole = await history(server);
    expect(whole.filter((row) => row.kind === "rate" && row.pool === "antpool").length).toBeGreaterThan(48 * 12 * 0.95);
  });

  it("says what the APIs say at the same time", async () => {
    const at = { now: scenario.servesFrom };
    const server = await serve({ start: scenario.servesFrom + 2 * HOUR_MS }, at);
    const rows = (await history(server, "?hours=1")).filter((row) => row.kind === "rate");
    const live = await serve({}, at);
    let compared = 0;
    for (const row of rows.filter(({ pool }) => pool === "f2pool")) {
      at.now = row.at + 15_000;
      const response = await fetch(`${live.url}/reported/f2pool`);
      expect(await response.json()).toEqual({ pool: "f2pool", hashrate: row.hashrate, updated: row.at / 1000 });
      compared++;
    }
    expect(compared).toBeGreaterThan(8);
  });

  it("has a row for every pool whose API answers, and none for one whose API does not", () => {
    const world = new World(scenario, SEED);
    world.advanceTo(scenario.servesFrom);
    for (const pool of scenario.pools) {
      const rows = poolSamples(pool, world.reading(pool.id), world.now);
      expect(rows.length > 0, pool.id).toBe(world.reading(pool.id) !== null);
      expect(poolSamples(pool, null, world.now)).toEqual([]);
    }
  });

  it("refuses hours that are none", async () => {
    const { url } = await serve();
    for (const hours of ["0", "-3", "many"]) {
      expect((await fetch(`${url}/sim/history?hours=${hours}`)).status).toBe(400);
    }
  });
});

describe("starting and ending the simulator's server", () => {
  it("closes with connections open, and frees its port", async () => {
    const server = await serve();
    await json(`${server.url}/sim/clock`);
    await server.stop();
    await server.closed;
    await expect(fetch(`${server.url}/sim/clock`)).rejects.toThrow();
  });

  it("ends by itself when nobody asks", async () => {
    const server = await serve({ idleExitMs: 50 });
    await server.closed;
    await expect(fetch(`${server.url}/sim/clock`)).rejects.toThrow();
  });

  it("names a port that is taken", async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, "127.0.0.1", () => resolve((holder.address() as { port: number }).port));
    });
    await expect(serve({ port })).rejects.toMatchObject({ code: "PORT_TAKEN" });
    await new Promise((resolve) => holder.close(resolve));
  });

  it.each([
    ["an unknown scenario", { scenario: "kazakhstan" }, "SCENARIO_UNKNOWN"],
    ["a start before the scenario", { start: scenario.startsAt - 1 }, "SIMULATOR_START"],
    ["a start that is no time", { start: Number.NaN }, "SIMULATOR_START"],
  ])("refuses %s", async (_, options, code) => {
    await expect(serve(options)).rejects.toMatchObject({ code });
  });
});
