/**
 * The whole service under faults that a seed draws: real Redis, simulated pools, a proxy before Redis and before the
 * client. What a connected client sees is compared with the alert log: nothing lost, nothing doubled.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { followAlerts } from "../../support/alert-tape.ts";
import type { RunningCli } from "../../support/cli.ts";
import { seededRandom } from "../../support/random.ts";
import { startTestRedis } from "../../support/redis.ts";
import { decideHistory, SHUTDOWN, startPools, startService, urlOf, warmUp } from "../../support/service.ts";
import { type SilentProxy, startSilentProxy } from "../../support/silent-proxy.ts";

const FAULTS = Number(process.env.FAULTS ?? 300);
const SEED = Number(process.env.SEED ?? 1);
/** A tick in 3 s. */
const SPEED = 100;
const RECOVERY_LIMIT_MS = 30_000;

const dir = mkdtempSync("/tmp/hf-trust-");
const closers: (() => Promise<unknown> | unknown)[] = [() => rmSync(dir, { recursive: true, force: true })];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** Into test/README.md, once nothing was lost and nothing doubled. */
function writeTable(
  faults: ReadonlyMap<string, { count: number; slowestMs: number }>,
  { events, connects }: { readonly events: number; readonly connects: number },
): void {
  const path = join(import.meta.dirname, "../../README.md");
  const rows = [...faults].map(([name, row]) => `| ${name} | ${row.count} | ${(row.slowestMs / 1000).toFixed(1)} s |`);
  const lines = [
    `| ${FAULTS} faults (SEED=${SEED}), ${events} events, ${connects} connects of the client | count | slowest next tick |`,
    "|---|---|---|",
    ...rows,
    "| **lost / doubled** | **0 / 0** | |",
  ];
  const text = readFileSync(path, "utf8");
  const marked = /(<!-- trust:begin -->\n)[\s\S]*?(<!-- trust:end -->)/;
  writeFileSync(path, text.replace(marked, `$1${lines.join("\n")}\n$2`));
}

describe(`the service under ${FAULTS} faults (SEED=${SEED})`, () => {
  it("loses no alert and doubles none, as a connected client sees them", async () => {
    const random = seededRandom(SEED);
    const redis = await startTestRedis({ appendonly: true });
    closers.push(() => redis.stop());
    const start = SHUTDOWN - 600_000;
    const pools = await startPools({ dir, networks: ["bitcoin"], seed: SEED, speed: SPEED, start });
    closers.push(() => pools.stop());
    const admin = redis.client({ maxRetriesPerRequest: null });
    await warmUp(pools, admin);
    await decideHistory(pools, admin);
    const toRedis = await startSilentProxy(redis.socketPath);
    closers.push(() => toRedis.stop());
    const redisUrl = `redis://127.0.0.1:${toRedis.port}`;
    const open = (port: number): RunningCli =>
      startService({ pools, roles: ["poll", "detect", "serve"], redisUrl, port });
    let service = open(0);
    closers.push(() => void service.child.kill("SIGKILL"));
    const port = Number(new URL(await urlOf(service)).port);
    const toClient: SilentProxy = await startSilentProxy(port);
    closers.push(() => toClient.stop());
    const tape = followAlerts(`ws://127.0.0.1:${toClient.port}/ws`);
    closers.push(() => tape.stop());

    const tick = async (): Promise<number> => Number(await admin.hget("{hashfall}:state:bitcoin", "tick"));
    const faults: Readonly<Record<string, () => Promise<void>>> = {
      "connections to Redis forgotten": async () => toRedis.forget(),
      "connections to Redis reset": async () => toRedis.reset(),
      "black hole before Redis": async () => {
        toRedis.blackHole(true);
        await delay(500 + random() * 4_000);
        toRedis.blackHole(false);
      },
      "300 ms to Redis and back": async () => {
        toRedis.delay(150);
        await delay(1_000 + random() * 2_000);
        toRedis.delay(0);
      },
      "clients of Redis killed": async () =>
        void (await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")),
      "Redis killed": async () => {
        await redis.kill();
        await delay(random() * 2_000);
        await redis.start();
      },
      "Redis full": async () => {
        await admin.config("SET", "maxmemory", "1");
        await delay(500 + random() * 3_000);
        await admin.config("SET", "maxmemory", "0");
      },
      "service suspended": async () => {
        service.child.kill("SIGSTOP");
        await delay(500 + random() * 3_000);
        service.child.kill("SIGCONT");
      },
      "service killed": async () => {
        service.child.kill("SIGKILL");
        await service.ended;
        service = open(port);
        await service.says(/hashfall is at/);
      },
      "connection of the client reset": async () => toClient.reset(),
    };
    const names = Object.keys(faults);
    const table = new Map(names.map((name) => [name, { count: 0, slowestMs: 0 }]));
    for (let n = 0; n < FAULTS; n++) {
      const name = names[Math.floor(random() * names.length)] ?? "";
      await faults[name]?.();
      const before = await tick();
      const began = performance.now();
      await expect.poll(tick, { timeout: RECOVERY_LIMIT_MS, interval: 50, message: name }).toBeGreaterThan(before);
      const row = table.get(name)!;
      row.count++;
      row.slowestMs = Math.max(row.slowestMs, performance.now() - began);
    }

    const namesKz = () => tape.events.some(({ scope, region }) => scope === "region" && region === "KZ");
    await expect.poll(namesKz, { timeout: 240_000, interval: 100 }).toBe(true);
    const epoch = (tape.cursor() ?? "").split("~")[0];
    const whole = followAlerts(`ws://127.0.0.1:${port}/ws`, `${epoch}~0-0`);
    closers.push(() => whole.stop());
    await expect.poll(() => whole.events.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await delay(2_000);
    const end = whole.events.at(-1);
    await tape.heard((alert) => alert.cursor === end?.cursor);
    const revisions = (events: readonly { id: string; revision: number }[]) =>
      events.map(({ id, revision }) => `${id} ${revision}`);
    const log = revisions(whole.events.slice(0, whole.events.findIndex(({ cursor }) => cursor === end?.cursor) + 1));
    const heard = revisions(tape.events.slice(0, tape.events.findIndex(({ cursor }) => cursor === end?.cursor) + 1));
    const lost = log.filter((each) => !heard.includes(each));
    console.log(
      `${FAULTS} faults, ${log.length} events, ${tape.connects} connects, ${tape.gaps} gaps, lost ${lost.length}`,
    );
    console.table(
      [...table].map(([fault, { count, slowestMs }]) => ({
        fault,
        count,
        "next tick after, s": (slowestMs / 1000).toFixed(1),
      })),
    );
    expect(new Set(log).size).toBe(log.length);
    expect(heard).toEqual(log);
    if (process.env.WRITE === "1") writeTable(table, { events: log.length, connects: tape.connects });
  });
});
