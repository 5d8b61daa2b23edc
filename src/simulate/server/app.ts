/** The simulator's routes: every pool's API under a prefix of its own, and what hashfall needs to run in data time. */

import { type Context, Hono } from "hono";
import { etag } from "hono/etag";
import type { Clocks } from "../../model/clock.ts";
import { formatSampleLine } from "../../model/sample-line.ts";
import { HOUR_MS } from "../../model/time-units.ts";
import { CKPOOL_HOSTS, simulateTicks } from "../samples.ts";
import type { PoolSpec } from "../scenarios/contract.ts";
import { ClockLeg } from "../waiting-clock.ts";
import type { World } from "../world/world.ts";
import { iodaQuery, iodaSignals } from "./ioda.ts";
import { blocks, miningHashrate, miningPools, tipHeight } from "./mempool.ts";
import { antpool, binance, ckpoolStatus, foundry, miningcore, regionsMap, reported, viabtc } from "./pools.ts";

const DEFAULT_HISTORY_HOURS = 48;
const HISTORY_INTERVAL_MS = 300_000;

/** What `GET /sim/clock` says. Times are milliseconds. */
export interface SimClock {
  readonly dataNow: number;
  readonly speed: number;
  readonly scenario: string;
  readonly seed: number;
  readonly dataStart: number;
  readonly realStart: number;
  /** Where data time stands still until it is told to go on; null: nowhere. */
  readonly until: number | null;
  readonly pid: number;
}

export interface SimAppOptions {
  readonly world: World;
  readonly clocks: Clocks;
  /** Data time at which serving began, ms. */
  readonly dataStart: number;
  /** The leg that data time runs on now, and how another one is taken up. */
  readonly leg: () => ClockLeg;
  readonly takeUp: (leg: ClockLeg) => void;
  /** Called at every request, whatever it is for. */
  readonly onRequest: () => void;
}

/** What a web server in front of a pool says when the pool behind it is gone. */
function badGateway(c: Context): Response {
  return c.html("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>", 502);
}

export function makeSimApp(options: SimAppOptions): Hono {
  const { world, clocks } = options;
  const { scenario, seed } = world;
  const app = new Hono();
  app.use(async (c, next) => {
    options.onRequest();
    const now = clocks.data.now();
    world.advanceTo(now);
    await next();
    // The upstreams live in data time, and so do their clocks.
    c.header("date", new Date(now).toUTCString());
  });
  addPoolRoutes(app, world);
  addMempoolRoutes(app, world);
  app.get("/ioda/v2/signals/raw/country/:countries", (c) => {
    const query = iodaQuery(c.req.param("countries"), c.req.query());
    if (query === null) return c.json({ type: "signals", error: "bad query", data: null });
    return c.json(iodaSignals(world, query, clocks.data.now()) as object);
  });
  app.get("/sim/clock", (c) => {
    const clock: SimClock = {
      dataNow: clocks.data.now(),
      speed: clocks.speed,
      scenario: scenario.name,
      seed,
      ...options.leg(),
      pid: process.pid,
    };
    return c.json(clock);
  });
  // A demo's service waits on a busy machine; the world must not run on meanwhile.
  app.post("/sim/clock", async (c) => {
    const said = ClockLeg.safeParse(await c.req.json().catch(() => null));
    if (!said.success) return c.json({ error: "allowed: realStart, dataStart and until, in milliseconds" }, 400);
    options.takeUp(said.data);
    return c.body(null, 204);
  });
  app.get("/sim/history", (c) => {
    const hours = Number(c.req.query("hours") ?? DEFAULT_HISTORY_HOURS);
    if (!(hours > 0)) return c.json({ error: `hours is "${c.req.query("hours")}"; allowed: a number above 0` }, 400);
    // Up to the present: a service that took a moment to start has no hole between its history and its first poll.
    const to = Math.floor(Math.max(options.dataStart, clocks.data.now()) / HISTORY_INTERVAL_MS) * HISTORY_INTERVAL_MS;
    const from = to - hours * HOUR_MS;
    return c.body(historyStream(world, from, to), 200, { "content-type": "application/x-ndjson" });
  });
  return app;
}

/** One tick per pull: a reader that is slow costs no memory, and the loop is never held for long. */
function historyStream(world: World, from: number, to: number): ReadableStream<Uint8Array> {
  const ticks = simulateTicks(world.scenario, world.seed, { from, to, intervalMs: HISTORY_INTERVAL_MS });
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      const next = ticks.next();
      if (next.done === true) return controller.close();
      const lines = next.value.samples.map((sample) => `${formatSampleLine({ ...sample, backfilled: true })}\n`);
      controller.enqueue(encoder.encode(lines.join("")));
    },
    cancel() {
      ticks.return(undefined);
    },
  });
}

function addPoolRoutes(app: Hono, world: World): void {
  const { scenario } = world;
  const byApi = (api: PoolSpec["api"]) => scenario.pools.filter((pool) => pool.api === api);
  const single = (
    path: string,
    api: PoolSpec["api"],
    body: (reading: NonNullable<ReturnType<World["reading"]>>) => unknown,
  ) => {
    app.get(path, (c) => {
      const pool = byApi(api)[0];
      const reading = pool === undefined ? null : world.reading(pool.id);
      return reading === null ? badGateway(c) : c.json(body(reading) as object);
    });
  };
  single("/foundry/pool_stats", "foundry", foundry);
  single("/antpool/auth/v3/index/poolcoins", "antpool", antpool);
  single("/viabtc/res/pool/BTC/state/usd/chart", "viabtc", viabtc);
  single("/binance/mining-api/v1/public/pool/index", "binance", binance);
  app.get("/reported/:pool", (c) => {
    const pool = scenario.pools.find((each) => each.id === c.req.param("pool"));
    if (pool?.figure === undefined) return c.json({ error: "no such pool" }, 404);
    const reading = world.reading(pool.id);
    return reading === null ? badGateway(c) : c.json(reported(pool, reading) as object);
  });
  app.get("/miningcore/api/pools", (c) => {
    const pools = byApi("miningcore").flatMap((pool) => {
      const reading = world.reading(pool.id);
      return reading === null ? [] : [{ pool, reading }];
    });
    const network = { hashrate: scenario.hashrate, difficulty: world.difficulty, height: tipHeight(world) };
    return c.json(miningcore(pools, network) as object);
  });
  app.get("/regions-map/:pool", (c) => {
    const { servers, at } = world.reading(c.req.param("pool")) ?? {};
    if (servers === undefined || at === undefined) return badGateway(c);
    const byRegion = new Map([...servers].map(([region, figures]) => [region, figures.hashrate5m]));
    return c.json(regionsMap(byRegion, at) as object);
  });
  app.get("/ckpool/:host/pool/pool.status", etag(), (c) => {
    const region = Object.keys(CKPOOL_HOSTS).find((each) => CKPOOL_HOSTS[each] === c.req.param("host"));
    const reading = world.reading(byApi("ckpool")[0]?.id ?? "");
    const figures = reading?.servers?.get(region ?? "");
    if (!reading || figures === undefined) return badGateway(c);
    return c.body(ckpoolStatus(figures, reading.at, scenario.startsAt), 200, {
      "content-type": "text/plain",
      "last-modified": new Date(reading.at).toUTCString(),
    });
  });
}

function addMempoolRoutes(app: Hono, world: World): void {
  const api = new Hono();
  api.use(etag());
  api.use(async (c, next) => {
    await next();
    c.header("cache-control", "public");
    c.header("pragma", "public");
  });
  api.get("/v1/mining/pools/:interval", (c) => c.json(miningPools(world, c.req.param("interval")) as object));
  api.get("/v1/mining/hashrate/:interval", (c) => c.json(miningHashrate(world, c.req.param("interval")) as object));
  api.get("/v1/blocks", (c) => c.json(blocks(world, undefined) as object));
  api.get("/v1/blocks/:height{[0-9]+}", (c) => c.json(blocks(world, Number(c.req.param("height"))) as object));
  api.get("/blocks/tip/height", (c) => c.text(String(tipHeight(world))));
  app.route("/mempool/api", api);
}
