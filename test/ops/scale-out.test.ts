import { mkdtempSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Role } from "../../src/runtime/roles.ts";
import { type AlertTape, followAlerts } from "../support/alert-tape.ts";
import type { RunningCli } from "../support/cli.ts";
import { seededRandom } from "../support/random.ts";
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
const SECONDS = Number(process.env.KILL_SECONDS ?? 300);
/** A tick in 20 s: longer than a dead claimant's lease and another poll, as in life, where it is minutes. */
const SPEED = 15;
const NETWORKS = ["bitcoin", "second"] as const;
const REPLICAS = 3;
const SUBSCRIBERS_EACH = 2;

const dir = mkdtempSync("/tmp/hf-scale-");
let redis: TestRedis;
let pools: Pools;
const members: Member[] = [];
const tapes: AlertTape[] = [];

/** How many sources of the configuration read this page: two pools of one Miningcore server are two sources. */
const sourcesAt = (path: string): number => (path.startsWith("/miningcore/") ? 2 : 1);
const timesOf = (path: string, paths: readonly string[]): number => paths.filter((each) => each === path).length;

/** One of the nine: started again whenever it is killed. */
interface Member {
  readonly role: Role;
  process: RunningCli;
  port: number;
  url: string;
  kills: number;
}

interface Claimant {
  readonly holder: string;
  readonly pid: number;
  killedAt: number | null;
}

beforeAll(async () => {
  redis = await startTestRedis({ appendonly: true });
  pools = await startPools({ dir, networks: NETWORKS, seed: SEED, speed: SPEED, start: SHUTDOWN - 5 * 60_000 });
  await warmUp(pools, redis.client());
});
afterAll(async () => {
  for (const tape of tapes) tape.stop();
  for (const member of members) member.process.child.kill("SIGKILL");
  await pools?.stop();
  await redis?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function launch(role: Role, port: number): RunningCli {
  return startService({ pools, roles: [role], redisUrl: redis.url, port, logLevel: "info" });
}

/** Writes down who claimed which tick; a claim is there for some hundred milliseconds. */
async function watchClaims(client: Redis, signal: AbortSignal): Promise<Map<string, Claimant[]>> {
  const seen = new Map<string, Claimant[]>();
  while (!signal.aborted) {
    for (const network of NETWORKS) {
      for (const [tick, claim] of Object.entries(await client.hgetall(`{hashfall}:claims:${network}`))) {
        const holder = claim.split("|")[2] ?? "";
        const claimants = seen.get(`${network} ${tick}`) ?? [];
        if (!claimants.some((each) => each.holder === holder)) {
          const pid = Number(/-(\d+)-[0-9a-f]+$/.exec(holder)?.[1]);
          seen.set(`${network} ${tick}`, [...claimants, { holder, pid, killedAt: null }]);
        }
      }
    }
    await delay(15);
  }
  return seen;
}

it(`three of each role under kill -9 for ${SECONDS} s (SEED=${SEED}): nothing twice, nothing missed`, async () => {
  const random = seededRandom(SEED);
  const client = redis.client();
  for (const role of ["detect", "serve", "poll"] as const) {
    for (let i = 0; i < REPLICAS; i++) members.push({ role, process: launch(role, 0), port: 0, url: "", kills: 0 });
  }
  for (const member of members) {
    if (member.role === "serve") {
      member.url = await urlOf(member.process);
      member.port = Number(new URL(member.url).port);
      for (let i = 0; i < SUBSCRIBERS_EACH; i++) tapes.push(followAlerts(socketUrl(member.url)));
    } else await member.process.says(/hashfall runs/);
  }
  const firstTick = Math.ceil(pools.now() / INTERVAL_MS) * INTERVAL_MS;
  const watching = new AbortController();
  const claims = watchClaims(client, watching.signal);
  const outputs: string[] = [];
  const killedPids = new Map<number, number>();

  const kill = async (member: Member): Promise<void> => {
    killedPids.set(member.process.pid, Date.now());
    member.kills++;
    member.process.child.kill("SIGKILL");
    await member.process.ended;
    outputs.push(member.process.output());
    member.process = launch(member.role, member.port);
  };

  /** The process that polls right now, if one does. */
  const claimant = async (): Promise<Member | undefined> => {
    for (const network of NETWORKS) {
      for (const claim of Object.values(await client.hgetall(`{hashfall}:claims:${network}`))) {
        const found = members.find(({ process }) => claim.includes(`-${process.pid}-`));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };

  const end = Date.now() + SECONDS * 1000;
  let aimed = 0;
  while (Date.now() < end) {
    await delay(500 + random() * 3_500);
    // Most at random; now and then the very process that is polling, which chance alone would hardly ever hit.
    if (random() < 0.3) {
      const until = Date.now() + 15_000;
      let victim: Member | undefined;
      while (victim === undefined && Date.now() < until) {
        victim = await claimant();
        if (victim === undefined) await delay(5);
      }
      if (victim !== undefined) {
        aimed++;
        await kill(victim);
        // The one that takes over is left alone: two deaths at one tick are more than a lease promises.
        await delay(INTERVAL_MS / SPEED);
      }
    } else await kill(members[Math.floor(random() * members.length)]!);
  }

  // Calm again: everybody up, one more tick decided, and all subscribers at the end of the log.
  for (const { process, role } of members) await process.says(role === "serve" ? /hashfall is at/ : /hashfall runs/);
  const lastTick = Math.floor(pools.now() / INTERVAL_MS) * INTERVAL_MS + INTERVAL_MS;
  const decided = async (network: string): Promise<number> =>
    Number(await client.hget(`{hashfall}:state:${network}`, "tick"));
  for (const network of NETWORKS) {
    await expect.poll(() => decided(network), { timeout: 60_000, interval: 100 }).toBeGreaterThanOrEqual(lastTick);
  }
  watching.abort();
  const claimants = await claims;
  for (const list of claimants.values()) for (const each of list) each.killedAt = killedPids.get(each.pid) ?? null;
  const entries = (await client.xrange("{hashfall}:log", "-", "+")).map(([, fields]) => JSON.parse(fields[1] ?? "{}"));
  const log = (entries as { id: string; revision: number }[]).map(({ id, revision }) => `${id} ${revision}`);
  const names = (tape: AlertTape): string[] => tape.events.map(({ id, revision }) => `${id} ${revision}`);
  for (const tape of tapes) {
    const expected = log.slice(log.indexOf(names(tape)[0] ?? ""));
    await expect.poll(() => names(tape).length, { timeout: 20_000, interval: 100 }).toBe(expected.length);
  }

  // What was polled: each tick by whom, each source how often.
  let missed = 0;
  let missedWithOneDeath = 0;
  let ticks = 0;
  let asked = 0;
  let askedTwice = 0;
  let askedTwiceOfTheLiving = 0;
  for (const network of NETWORKS) {
    const done = new Set((await client.zrange(`{hashfall}:done:${network}`, "0", "-1")).map(Number));
    const answers =
      pools.networks.get(network)?.proxy.asked.filter(({ status }) => status >= 200 && status < 400) ?? [];
    for (let tick = firstTick; tick <= lastTick; tick += INTERVAL_MS) {
      ticks++;
      const deaths = (claimants.get(`${network} ${tick}`) ?? []).filter(({ killedAt }) => killedAt !== null).length;
      if (!done.has(tick)) {
        missed++;
        if (deaths < 2) missedWithOneDeath++;
      }
      const paths = answers.filter(({ at }) => at >= tick && at < tick + INTERVAL_MS).map(({ path }) => path);
      asked += paths.length;
      const again = [...new Set(paths)].reduce(
        (sum, path) => sum + Math.max(0, timesOf(path, paths) - sourcesAt(path)),
        0,
      );
      askedTwice += again;
      if (deaths === 0 && again > 0) {
        askedTwiceOfTheLiving += again;
        const seconds = answers
          .filter(({ at, path }) => at >= tick && at < tick + INTERVAL_MS && timesOf(path, paths) > sourcesAt(path))
          .map(({ at, path }) => `${path} +${Math.round((at - tick) / SPEED)} ms`);
        console.log(`${network} ${new Date(tick).toISOString()} was asked twice: ${seconds.join(", ")}`);
      }
    }
  }
  const everything = [...outputs, ...members.map(({ process }) => process.output())].join("\n");
  const count = (pattern: RegExp): number => everything.match(pattern)?.length ?? 0;
  const kills = (role: Role): number => members.filter((m) => m.role === role).reduce((sum, m) => sum + m.kills, 0);
  const deliveries = tapes.reduce((sum, tape) => sum + tape.events.length, 0);
  const duplicates = tapes.reduce((sum, tape) => sum + tape.events.length - new Set(names(tape)).size, 0);
  const holes = tapes.filter(
    (tape) => names(tape).join() !== log.slice(log.indexOf(names(tape)[0] ?? "")).join(),
  ).length;
  const table: [string, number][] = [
    ["seconds", SECONDS],
    ["kills of poll", kills("poll")],
    ["  of those while it polled, aimed", aimed],
    ["kills of detect", kills("detect")],
    ["kills of serve", kills("serve")],
    ["ticks due", ticks],
    ["ticks missed", missed],
    ["  of those with fewer than two dead claimants", missedWithOneDeath],
    ["takeovers", count(/took over a tick whose claimant died/g)],
    ["answers of sources", asked],
    ["answers again in a tick", askedTwice],
    ["  of those while the claimant lived", askedTwiceOfTheLiving],
    ["events in the log", log.length],
    ["  of those with an id and revision twice", log.length - new Set(log).size],
    ["subscribers", tapes.length],
    ["reconnects", tapes.reduce((sum, tape) => sum + tape.connects - 1, 0)],
    ["deliveries", deliveries],
    ["  duplicates", duplicates],
    ["subscribers that missed an event or saw another order", holes],
    ["subscribers told of a gap", tapes.filter(({ gaps }) => gaps > 0).length],
    ["detect workers found dead", count(/the detect worker is dead/g)],
  ];
  console.log(table.map(([what, figure]) => `${what.padEnd(56)}${String(figure).padStart(7)}`).join("\n"));
  const figures = Object.fromEntries(table);
  expect(figures).toMatchObject({
    "  of those with fewer than two dead claimants": 0,
    "  of those while the claimant lived": 0,
    "  of those with an id and revision twice": 0,
    "  duplicates": 0,
    "subscribers that missed an event or saw another order": 0,
    "subscribers told of a gap": 0,
  });
  expect(figures["events in the log"]).toBeGreaterThan(0);
  expect(figures.takeovers).toBeGreaterThan(0);
});
