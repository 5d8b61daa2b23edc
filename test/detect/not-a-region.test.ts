import { describe, expect, it } from "vitest";
import type { RateSample } from "../../src/model/sample.ts";
import { quietStart } from "./quiet-start.ts";
import { opened, run } from "./run.ts";
import { HOUR, modelOf, POOLS, START, type WorldOptions, type WorldTick, world } from "./world.ts";

/** Every story begins with the same quiet days, and its trouble at hour 50. */
const SEED = 21;
const quiet = quietStart({ hours: 49, world: { seed: SEED } });
const days = 2.4;
const inside = (from: number, until: number) => (hour: number) => hour >= from && hour < until;
const hourOf = (at: number): number => (at - START) / HOUR;

/** Rows changed between two hours. */
function* changed(
  options: WorldOptions,
  between: readonly [number, number],
  change: (row: RateSample, ticks: number) => RateSample | null,
): Generator<WorldTick> {
  let ticks = 0;
  for (const tick of world(options)) {
    if (!inside(...between)(hourOf(tick.at))) {
      yield tick;
      continue;
    }
    ticks += 1;
    yield { at: tick.at, rows: tick.rows.flatMap((row) => change(row, ticks) ?? []) };
  }
}

const LOOKS_LIKE: readonly [string, () => Iterable<WorldTick>][] = [
  [
    "one pool's outage",
    () => world({ seed: SEED, days, trouble: (id, h) => (id === "bravo" && inside(50, 55)(h) ? 0.2 : 1) }),
  ],
  [
    "a pool that goes dark",
    () => world({ seed: SEED, days, trouble: (id, h) => (id === "charlie" && h > 50 ? 0.001 : 1) }),
  ],
  [
    "miners that move from one pool to another",
    () =>
      world({
        seed: SEED,
        days,
        trouble: (id, h) => (h < 50 ? 1 : id === "bravo" ? 0.6 : id === "charlie" ? 1.43 : 1),
      }),
  ],
  [
    "a fall of everything",
    () =>
      world({ seed: SEED, days, wide: (h) => (inside(50, 54)(h) ? 1 - 0.1 * Math.sin((Math.PI * (h - 50)) / 4) : 1) }),
  ],
  ["a step of everything", () => world({ seed: SEED, days, wide: (h) => (h > 50 ? 0.9 : 1) })],
  [
    "a thousand times too small a unit",
    () =>
      changed({ seed: SEED, days }, [50, 54], (row) =>
        row.pool < "f" ? { ...row, hashrate: row.hashrate / 1000 } : row,
      ),
  ],
  ["zeros", () => changed({ seed: SEED, days }, [50, 54], (row) => (row.pool < "e" ? { ...row, hashrate: 0 } : row))],
  [
    "missing figures of half the pools",
    () => changed({ seed: SEED, days }, [50, 54], (row) => (row.pool < "f" ? null : row)),
  ],
  [
    "two outages at once",
    () =>
      world({
        seed: SEED,
        days,
        trouble: (id, h) => (inside(50, 53)(h) && (id === "bravo" || id === "golf") ? 0.5 : 1),
      }),
  ],
];

describe("what looks like a region's fall and is none", () => {
  it.each(LOOKS_LIKE)("%s opens no regional alert", (_, ticks) => {
    expect(opened(quiet.run(ticks()).events)).toEqual([]);
  });

  it.each([31, 33])("a region's blackout is no fall of everything besides, seed %i", (seed) => {
    // All pools have about the same part of the region: it looks like a fall of everything, a quarter more here and less there.
    const alike = POOLS.map((pool, k) => ({ ...pool, weights: { ...pool.weights, KZ: 0.15 + 0.012 * k, US: 0.1 } }));
    const falls = [{ region: "KZ", drop: 0.85, from: 40, until: 48 }];
    const { events } = run(modelOf(alike), world({ seed, days: 2.25, pools: alike, falls, weightError: 0.2 }));
    const big = events.filter((event) => event.scope === "network" || event.scope === "region");
    expect(big[0]).toMatchObject({ type: "opened", scope: "region", region: "KZ" });
    expect(big.at(-1)).toMatchObject({ type: "resolved", resolution: "recovered", id: big[0]!.id });
    expect(new Set(big.map((event) => event.id)).size).toBe(1);
  });

  it("ordinary days open nothing at all of a region, a pool or the network", () => {
    const { events } = run(modelOf(), world({ seed: 31, days: 4 }));
    expect(events.map((event) => `${event.scope} ${event.at}`)).toEqual([]);
  });

  it("an operator's pools that fail together are its operator's trouble", () => {
    const pools = modelOf().pools.map((pool) =>
      ["bravo", "foxtrot", "juliet"].includes(pool.id) ? { ...pool, operator: "one" } : pool,
    );
    const trouble = (id: string, h: number): number =>
      inside(50, 54)(h) && ["bravo", "foxtrot", "juliet"].includes(id) ? 0.6 : 1;
    expect(opened(quiet.run(world({ seed: SEED, days, trouble }), { ...modelOf(), pools }).events)).toEqual([]);
  });
});

describe("verdicts of their own", () => {
  it("a pool that fell alone has an alert of scope pool, and is resolved when it is back", () => {
    const trouble = (id: string, h: number): number => (id === "delta" && inside(50, 55)(h) ? 0.4 : 1);
    const { events } = quiet.run(world({ seed: SEED, days, trouble }));
    const mine = events.filter((event) => event.scope === "pool");
    expect(mine.map((event) => [event.type, event.pool])).toEqual([
      ["opened", "delta"],
      ["resolved", "delta"],
    ]);
    expect(mine[0]!.cause?.hint).toBe("pool-outage");
    expect(mine[1]!.resolution).toBe("recovered");
    expect(mine[0]!.drop!.estimate).toBeGreaterThan(0.4);
  });

  it("a loss that another pool gained is a migration", () => {
    const trouble = (id: string, h: number): number =>
      h < 50 ? 1 : id === "bravo" ? 0.6 : id === "charlie" ? 1.43 : 1;
    const { events } = quiet.run(world({ seed: SEED, days, trouble }));
    const first = events.find((event) => event.scope === "pool");
    expect(first).toMatchObject({ pool: "bravo", cause: { hint: "pool-migration" } });
  });

  it("a fall of everything has an alert of scope network", () => {
    const { events } = quiet.run(world({ seed: SEED, days: 2.5, wide: (h) => (inside(50, 56)(h) ? 0.85 : 1) }));
    const mine = events.filter((event) => event.scope === "network");
    expect(mine.filter((event) => event.type !== "updated").map((event) => event.type)).toEqual(["opened", "resolved"]);
    expect(Math.abs(mine.at(-1)!.drop!.estimate - 0.15)).toBeLessThan(0.04);
  });

  it("a source that repeats itself is stale, and its figures are no figures", () => {
    const held = new Map<string, number>();
    const ticks = changed({ seed: SEED, days }, [50, 56], (row) => {
      if (row.pool !== "echo") return row;
      if (!held.has(row.pool)) held.set(row.pool, row.hashrate);
      return { ...row, hashrate: held.get(row.pool)! };
    });
    const { events } = quiet.run(ticks);
    expect(events.map((event) => [event.type, event.scope, event.source, event.verdict])).toEqual([
      ["opened", "source", "echo", "stale"],
      ["resolved", "source", "echo", "stale"],
    ]);
  });

  it("a network of which most sources fail at once is blind within two ticks, and frozen", () => {
    const fall = { region: "KZ", drop: 0.8, from: 51, until: 70 };
    const ticks = changed({ seed: SEED, days, falls: [fall] }, [50, 52], (row) => (row.pool > "b" ? null : row));
    const { events, views } = quiet.run(ticks);
    const blind = events.filter((event) => event.verdict === "blind");
    expect(blind.map((event) => [event.type, event.source])).toEqual([
      ["opened", null],
      ["resolved", null],
    ]);
    expect(hourOf(Date.parse(blind[0]!.at)) - 50).toBeLessThanOrEqual(2 / 12 + 1e-9);
    const during = views.filter((view) => inside(50.2, 51.9)(hourOf(view.at)));
    expect(new Set(during.map((view) => view.state))).toEqual(new Set(["blind"]));
    expect(opened(events).every((event) => hourOf(Date.parse(event.at)) >= 52)).toBe(true);
  });
});
