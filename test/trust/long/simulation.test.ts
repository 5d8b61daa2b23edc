/**
 * The whole service under faults that a seed draws, in several worlds side by side: real Redis, simulated pools, a proxy before
 * Redis, before the pools and before the client. What a connected client sees is compared with the alert log: nothing lost,
 * nothing doubled.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Survived, surviveFaults } from "./faulty-world.ts";

const FAULTS = Number(process.env.FAULTS ?? 1_000);
/** Worlds at once: each of them waits most of its time. */
const WORLDS = Math.min(FAULTS, Number(process.env.WORLDS ?? 8));
const SEED = Number(process.env.SEED ?? 1);

const dir = mkdtempSync("/tmp/hf-trust-");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Row = readonly [fault: string, row: { count: number; slowestMs: number }];

/** Of all worlds, by fault. */
function merged(worlds: readonly Survived[]): Row[] {
  const [first] = worlds;
  return [...(first?.faults.keys() ?? [])].map((fault) => {
    const rows = worlds.flatMap(({ faults }) => faults.get(fault) ?? []);
    const count = rows.reduce((sum, row) => sum + row.count, 0);
    return [fault, { count, slowestMs: Math.max(...rows.map((row) => row.slowestMs)) }];
  });
}

/** Into test/README.md, once nothing was lost and nothing doubled. */
function writeTable(worlds: readonly Survived[]): void {
  const path = join(import.meta.dirname, "../../README.md");
  const events = worlds.reduce((sum, { log }) => sum + log.length, 0);
  const connects = worlds.reduce((sum, world) => sum + world.connects, 0);
  const seeds = `SEED=${SEED} WORLDS=${WORLDS}`;
  const lines = [
    `| ${FAULTS} faults (${seeds}), ${events} events, ${connects} connects of the clients | count | slowest next tick |`,
    "|---|---|---|",
    ...merged(worlds).map(([fault, row]) => `| ${fault} | ${row.count} | ${(row.slowestMs / 1000).toFixed(1)} s |`),
    "| **lost / doubled** | **0 / 0** | |",
  ];
  const text = readFileSync(path, "utf8");
  const marked = /(<!-- trust:begin -->\n)[\s\S]*?(<!-- trust:end -->)/;
  writeFileSync(path, text.replace(marked, `$1${lines.join("\n")}\n$2`));
}

describe(`the service under ${FAULTS} faults in ${WORLDS} worlds (SEED=${SEED})`, () => {
  it("loses no alert and doubles none, as a connected client sees them", async () => {
    const worlds = await Promise.all(
      Array.from({ length: WORLDS }, (_, n) =>
        surviveFaults({
          dir: join(dir, `world-${n}`),
          seed: SEED * 100 + n,
          faults: Math.floor(FAULTS / WORLDS) + (n < FAULTS % WORLDS ? 1 : 0),
        }),
      ),
    );
    const lost = worlds.flatMap(({ log, heard }) => log.filter((each) => !heard.includes(each)));
    const events = worlds.reduce((sum, { log }) => sum + log.length, 0);
    console.log(`${FAULTS} faults in ${WORLDS} worlds, ${events} events, lost ${lost.length}`);
    console.table(
      merged(worlds).map(([fault, { count, slowestMs }]) => ({
        fault,
        count,
        "next tick after, s": (slowestMs / 1000).toFixed(1),
      })),
    );
    for (const { log, heard } of worlds) {
      expect(new Set(log).size).toBe(log.length);
      expect(heard).toEqual(log);
    }
    if (process.env.WRITE === "1") writeTable(worlds);
  });
});
