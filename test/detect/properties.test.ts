/** What must hold of any world and any order; a failure prints the seed that fails. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeReplay, type ReplayCounts } from "../../src/detect/replay/replay.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { formatSampleLine } from "../../src/model/sample-line.ts";
import { SEED } from "../support/property-seed.ts";
import { seededRandom } from "../support/random.ts";
import { run } from "./run.ts";
import { INTERVAL, modelOf, POOLS, START, type WorldTick, world } from "./world.ts";

const DAYS = 1.55;
const worldOf = (seed: number): WorldTick[] => {
  const random = seededRandom(seed);
  const region = ["KZ", "US", "RU"][Math.floor(random() * 3)]!;
  return [...world({ seed, days: DAYS, falls: [{ region, drop: 0.5 + 0.45 * random(), from: 30, until: 33 }] })];
};

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = items.map((item) => ({ item, key: random() }));
  return order.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

const seeds = fc.integer({ min: 1, max: 100_000 });
const draws = (numRuns: number) => ({ numRuns, seed: SEED, endOnFailure: true });

describe("whatever the world", () => {
  it("the order of pools, of their regions and of rows changes nothing", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const ticks = worldOf(seed);
        const random = seededRandom(seed + 1);
        const model = modelOf();
        const pools = shuffled(model.pools, random).map((pool) => ({
          ...pool,
          regions: shuffled(pool.regions, random),
        }));
        const turned = ticks.map(({ at, rows }) => ({ at, rows: shuffled(rows, random) }));
        const plain = run(model, ticks).events;
        expect(plain.length, `seed ${seed}`).toBeGreaterThan(0);
        expect(run({ ...model, pools }, turned).events, `seed ${seed}`).toEqual(plain);
      }),
      draws(2),
    );
  });

  it("the unit of all figures changes only hash rates, and by just that factor", () => {
    const gist = (events: readonly AlertEvent[]): unknown =>
      events.map(({ id, revision, type, region, at, startedAt, candidates, severity, drop }) => [
        ...[id, revision, type, region, at, startedAt, severity, drop?.estimate],
        candidates?.map((entry) => entry.region),
      ]);
    fc.assert(
      fc.property(seeds, fc.integer({ min: -40, max: 20 }), (seed, power) => {
        // Powers of two are exact, so that nothing but the unit differs.
        const factor = 2 ** power;
        const ticks = worldOf(seed);
        const scaled = ticks.map(({ at, rows }) => ({
          at,
          rows: rows.map((row) => ({ ...row, hashrate: row.hashrate * factor })),
        }));
        const plain = run(modelOf(), ticks).events;
        const other = run(modelOf(), scaled).events;
        expect(gist(other), `seed ${seed}, 2^${power}`).toEqual(gist(plain));
        other.forEach((event, k) => {
          if (event.lost === undefined) return;
          expect(event.lost.hashrate / factor / plain[k]!.lost!.hashrate, `seed ${seed}`).toBeCloseTo(1, 2);
        });
      }),
      draws(2),
    );
  });
});

describe("a file full of faults", () => {
  const NAMES = ["bitcoin", "litecoin"] as const;
  const models = NAMES.map((network) => ({ ...modelOf(POOLS.slice(0, 7)), network }));

  interface Told {
    readonly events: readonly string[];
    readonly counts: ReplayCounts;
    readonly named: readonly (readonly [number, string])[];
  }
  function replayed(lines: readonly string[]): Told {
    const events: string[] = [];
    const named: [number, string][] = [];
    const replay = makeReplay(models, {
      event: (event) => events.push(JSON.stringify(event)),
      refused: (line, why) => named.push([line, why]),
    });
    for (const line of lines) replay.line(line);
    // Networks take turns as their ticks fill up: what one says comes in order, how two are mixed does not matter.
    return { counts: replay.end(), events: events.sort(), named };
  }

  const BROKEN: readonly [string, string][] = [
    ["", ""],
    ["{", "not-json"],
    ["[]", "not-an-object"],
    ["\u0000\ufffd", "not-json"],
    [`{"at":"2022-01-01T06:00:00Z"}`, "pool"],
    ['{"at":"soon","pool":"alpha","hashrate":1,"network":"bitcoin"}', "time"],
    ['{"at":"2022-01-01T06:00:00Z","pool":"alpha","hashrate":-1,"network":"bitcoin"}', "hashrate"],
    ['{"at":"2022-01-01T06:00:00Z","pool":"alpha","hashrate":null,"network":"bitcoin"}', "hashrate"],
    ['{"at":"2022-01-01T06:00:00Z","pool":"nobody","hashrate":1,"network":"bitcoin"}', "unknown-pool"],
    ['{"at":"2022-01-01T06:00:00Z","pool":"alpha","hashrate":1,"network":"dogecoin"}', "network"],
    ['{"at":"2022-01-01T06:00:00Z","pool":"alpha","hashrate":1}', "network"],
  ];

  /** Rows doubled, out of order by up to two intervals, and broken lines among them; with what must be counted. */
  function spoiled(ticks: readonly (readonly string[])[], random: () => number) {
    const lines: string[] = [];
    const skipped: Record<string, number> = {};
    let waiting: { line: string; due: number }[] = [];
    const flush = (tick: number): void => {
      for (const { line, due } of waiting) if (due <= tick) lines.push(line);
      waiting = waiting.filter(({ due }) => due > tick);
    };
    ticks.forEach((rows, tick) => {
      // A late row comes before the tick after next begins: two intervals after its own at most.
      for (const line of shuffled(rows, random)) {
        if (random() < 0.05) waiting.push({ line, due: tick + 1 + Math.floor(random() * 2) });
        else lines.push(line);
        if (random() < 0.05) lines.push(line);
        if (random() < 0.02) {
          const [text, reason] = BROKEN[Math.floor(random() * BROKEN.length)]!;
          lines.push(text);
          if (reason !== "") skipped[reason] = (skipped[reason] ?? 0) + 1;
        }
      }
      flush(tick);
    });
    flush(Number.POSITIVE_INFINITY);
    return { lines, skipped };
  }

  it("gives the same alerts as the clean one, with every faulty line counted and named", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [first, second] = NAMES.map((network, k) =>
          worldOf(seed + k).map(({ rows }) =>
            rows.filter(({ pool }) => pool < "h").map((row) => formatSampleLine(row, { network })),
          ),
        );
        const ticks = first!.map((rows, k) => [...rows, ...second![k]!]);
        const clean = replayed(ticks.flat());
        const { lines, skipped } = spoiled(ticks, seededRandom(seed + 2));
        const told = replayed(lines);
        expect(clean.events.length, `seed ${seed}`).toBeGreaterThan(1);
        expect(told.events, `seed ${seed}`).toEqual(clean.events);
        expect(told.counts.skipped, `seed ${seed}`).toEqual(skipped);
        expect(told.named).toHaveLength(Object.values(skipped).reduce((a, b) => a + b, 0));
        for (const [line] of told.named) expect(lines[line - 1]).not.toBe("");
      }),
      draws(2),
    );
  });

  it("of nothing but faults ends as well, and says nothing", () => {
    const told = replayed(BROKEN.map(([line]) => line));
    expect(told.events).toEqual([]);
    expect(told.counts.ticks).toBe(0);
    expect(told.named).toHaveLength(BROKEN.length - 1);
    expect(told.counts.lines).toBe(BROKEN.length);
  });

  it("tells conflicting figures of a row and tick apart by what they are, not by which came first", () => {
    const at = new Date(START + INTERVAL).toISOString();
    const lines = [1, 2, 3].map((k) => `{"at":"${at}","pool":"alpha","hashrate":${k}e19,"network":"bitcoin"}`);
    const rejected = [lines, [...lines].reverse()].map((each) => replayed(each).counts.rejected);
    expect(rejected[0]).toEqual({ duplicate: 2 });
    expect(rejected[1]).toEqual(rejected[0]);
  });
});
