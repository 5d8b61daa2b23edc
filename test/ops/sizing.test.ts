import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Role } from "../../src/runtime/roles.ts";
import { ROLES } from "../../src/runtime/roles.ts";
import { type AlertTape, followAlerts } from "../support/alert-tape.ts";
import type { RunningCli } from "../support/cli.ts";
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

/** A tick in 5 s. */
const SPEED = 60;
const TICKS = 6;
/** Well above what was measured: a process that needs more has a leak, or the table in config/docs/operations.md is wrong. */
const MOST_MB = 400;
/** What `getconf CLK_TCK` says on every Linux that Node runs on. */
const CLOCK_TICKS = 100;

const dir = mkdtempSync("/tmp/hf-sizing-");
let redis: TestRedis;
let pools: Pools;
const tapes: AlertTape[] = [];
const started = new Set<RunningCli>();

beforeAll(async () => {
  redis = await startTestRedis({ appendonly: true });
  pools = await startPools({ dir, networks: ["bitcoin"], seed: 1, speed: SPEED, start: SHUTDOWN - 60 * 60_000 });
  await warmUp(pools, redis.client());
});
afterAll(async () => {
  for (const tape of tapes) tape.stop();
  for (const { child } of started) child.kill("SIGKILL");
  await pools?.stop();
  await redis?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function launch(roles: readonly Role[]): Promise<RunningCli> {
  const service = startService({ pools, roles, redisUrl: redis.url });
  started.add(service);
  if (roles.includes("serve")) {
    const url = await urlOf(service);
    for (let i = 0; i < 2; i++) tapes.push(followAlerts(socketUrl(url)));
  } else await service.says(/hashfall runs/);
  return service;
}

/** Resident memory, and the most it ever was, MB. */
function memoryOf({ pid }: RunningCli): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return { now: Math.round(kb("VmRSS") / 1024), most: Math.round(kb("VmHWM") / 1024) };
}

/** Processor time so far, ms. */
function processorOf({ pid }: RunningCli): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS;
}

const decided = async (): Promise<number> => Number(await redis.client().hget("{hashfall}:state:bitcoin", "tick"));

it.each([
  ["three processes", ROLES.map((role): readonly Role[] => [role])],
  ["one process", [ROLES]],
])(
  "what %s need for 18 sources, 16 pools and 10 regions is what config/docs/operations.md says of it",
  async (_, roleSets) => {
    const processes = await Promise.all(roleSets.map(async (roles) => ({ roles, process: await launch(roles) })));
    // History is decided first, and starting is no tick.
    await expect
      .poll(decided, { timeout: 120_000, interval: 100 })
      .toBeGreaterThanOrEqual(pools.now() - 2 * INTERVAL_MS);
    const from = await decided();
    const before = processes.map(({ process }) => processorOf(process));
    await expect.poll(decided, { timeout: 120_000, interval: 100 }).toBeGreaterThanOrEqual(from + TICKS * INTERVAL_MS);
    const ticks = ((await decided()) - from) / INTERVAL_MS;
    processes.forEach(({ roles, process }, i) => {
      const { now, most } = memoryOf(process);
      const perTick = Math.round((processorOf(process) - (before[i] ?? 0)) / ticks);
      console.log(
        `${roles.join(", ").padEnd(22)} ${now} MB, at most ${most} MB; ${perTick} ms of a processor for each tick of 5 s`,
      );
      expect(now).toBeLessThan(MOST_MB);
    });
    const { used_memory_human: used } = Object.fromEntries(
      (await redis.client().info("memory")).split("\r\n").map((line) => line.split(":")),
    ) as Record<string, string>;
    console.log(`Redis with two days of history: ${used}`);
    for (const { process } of processes) {
      expect(await process.stop()).toBe(0);
      started.delete(process);
    }
  },
);
