/** What the gate's verdicts do in the whole detector: units that change for good, blindness and its end, rows for regions alone. */
import { describe, expect, it } from "vitest";
import type { AlertEvent } from "../../src/model/alert.ts";
import type { RateSample } from "../../src/model/sample.ts";
import { opened, run } from "./run.ts";
import { type Fall, HOUR, INTERVAL, MINUTE, modelOf, POOLS, START, type WorldTick, world } from "./world.ts";

const hourOf = (at: number): number => (at - START) / HOUR;
const rowsOf = (
  ticks: Iterable<WorldTick>,
  change: (row: RateSample, hour: number) => RateSample | null,
): WorldTick[] =>
  [...ticks].map(({ at, rows }) => ({ at, rows: rows.flatMap((row) => change(row, hourOf(at)) ?? []) }));
const told = (events: readonly AlertEvent[]): string[] =>
  events
    .filter(({ type }) => type !== "updated")
    .map(({ type, scope, region, pool, source }) => `${type} ${scope} ${region ?? pool ?? source ?? "-"}`);

describe("a pool that changes its unit for good", () => {
  it.each([1000, 1 / 1000])(
    "by %d: is missing for a day, then cold for a day; nothing falls or rises by it",
    (factor) => {
      const change = (row: RateSample, hour: number): RateSample =>
        row.pool === "bravo" && hour >= 26 ? { ...row, hashrate: row.hashrate * factor } : row;
      const { events, views } = run(modelOf(), rowsOf(world({ seed: 81, days: 3.25 }), change));
      expect(told(events)).toEqual(["opened source bravo", "resolved source bravo"]);
      const at = (hour: number) =>
        views.find((view) => hourOf(view.at) >= hour)!.pools.find((p) => p.pool === "bravo")!;
      expect(at(36).state).toBe("rejected");
      expect(at(52)).toMatchObject({ state: "warming" });
      expect(hourOf(at(52).warmAt!)).toBeCloseTo(74, 0);
      expect(at(77).state).toBe("ok");
      expect(at(77).expected! / POOLS[1]!.size / factor).toBeGreaterThan(0.8);
    },
  );

  it("is evidence again afterwards", () => {
    const fall: Fall = { region: "KZ", drop: 0.8, from: 78, until: 99 };
    const change = (row: RateSample, hour: number): RateSample =>
      row.pool === "bravo" && hour >= 26 ? { ...row, hashrate: row.hashrate * 1000 } : row;
    const { events } = run(modelOf(), rowsOf(world({ seed: 82, days: 3.35, falls: [fall] }), change));
    const [first] = opened(events);
    expect(first).toMatchObject({ region: "KZ" });
    expect(first!.evidence!.find(({ pool }) => pool === "bravo")!.score).toBeGreaterThan(1);
  });

  it("ends the alert of that pool, whose figures of before say nothing of the new ones", () => {
    const change = (row: RateSample, hour: number): RateSample =>
      row.pool === "bravo" && hour >= 41 ? { ...row, hashrate: row.hashrate / 1000 } : row;
    const trouble = (id: string, hour: number): number => (id === "bravo" && hour >= 36 ? 0.5 : 1);
    const { events } = run(modelOf(), rowsOf(world({ seed: 83, days: 2.85, trouble }), change));
    const mine = events.filter(({ scope }) => scope === "pool");
    expect(mine.map(({ type, resolution }) => [type, resolution])).toEqual([
      ["opened", undefined],
      ["resolved", "new-regime"],
    ]);
    expect(opened(events)).toEqual([]);
  });
});

describe("blindness", () => {
  const gone = (row: RateSample): RateSample | null => (row.pool > "b" ? null : row);
  const held = new Map<string, number>();
  const failures: readonly [string, (row: RateSample, hour: number) => RateSample | null][] = [
    ["nothing comes", (row) => gone(row)],
    ["zeros come", (row) => ({ ...row, hashrate: row.pool > "b" ? 0 : row.hashrate })],
    ["another unit comes", (row) => ({ ...row, hashrate: row.pool > "b" ? row.hashrate * 1e3 : row.hashrate })],
    [
      "old figures come again with their times",
      (row, hour) => {
        const key = `${row.pool} ${Math.floor(hour / 100)}`;
        if (!held.has(key)) held.set(key, row.hashrate);
        return { ...row, hashrate: held.get(key)!, observedAt: START + 26 * HOUR };
      },
    ],
  ];
  const dated = (row: RateSample): RateSample => ({ ...row, observedAt: row.at });

  it.each(failures)("because %s: said once, within two ticks of the silence, and its end opens nothing", (_, fails) => {
    held.clear();
    for (const [seed, hours] of [
      [91, 1],
      [92, 8],
    ] as const) {
      const ticks = rowsOf(world({ seed, days: (32 + hours) / 24 }), (row, hour) =>
        hour >= 27 && hour < 27 + hours ? fails(dated(row), hour) : dated(row),
      );
      const { events, views } = run(modelOf(), ticks);
      expect(told(events.filter(({ verdict }) => verdict !== "stale")), `seed ${seed}`).toEqual([
        "opened source -",
        "resolved source -",
      ]);
      expect(opened(events), `seed ${seed}`).toEqual([]);
      const first = Date.parse(events.find(({ verdict }) => verdict === "blind")!.at);
      // The first of old figures is said once more before it is old.
      expect((first - (START + 27 * HOUR)) / INTERVAL).toBeLessThanOrEqual(2);
      expect(views.find(({ at }) => at === START + 27.5 * HOUR)!.state).toBe("blind");
      expect(views.find(({ at }) => at === START + (27.5 + hours) * HOUR)!.state).not.toBe("blind");
    }
  });

  it("that ends pool by pool, over hours, opens nothing either", () => {
    for (const seed of [93, 94]) {
      const back = new Map(POOLS.map(({ id }, k) => [id, 31 + 0.7 * ((k * 7 + seed) % POOLS.length)]));
      const ticks = rowsOf(world({ seed, days: 1.75 }), (row, hour) =>
        hour >= 27 && hour < back.get(row.pool)! ? null : row,
      );
      expect(opened(run(modelOf(), ticks).events), `seed ${seed}`).toEqual([]);
    }
  });

  it("freezes an open alert: nothing is said of it until the network sees again", () => {
    const falls = [{ region: "KZ", drop: 0.8, from: 30, until: 48 }];
    const ticks = rowsOf(world({ seed: 96, days: 2.25, falls }), (row, hour) =>
      hour >= 34 && hour < 42 ? gone(row) : row,
    );
    const { events } = run(modelOf(), ticks);
    const regional = events.filter(({ scope }) => scope === "region");
    expect(regional.map(({ id }) => id).every((id) => id === regional[0]!.id)).toBe(true);
    const hours = regional.map(({ at }) => hourOf(Date.parse(at)));
    expect(hours.filter((hour) => hour > 34.2 && hour < 42)).toEqual([]);
    expect(regional.at(-1)).toMatchObject({ type: "resolved", resolution: "recovered" });
    expect(hours.at(-1)).toBeGreaterThan(48);
  });
});

describe("sources that speak at their own pace", () => {
  it.each([30, 120, 240])("every %i minutes, are neither stale nor is the network blind", (minutes) => {
    const ticks = rowsOf(world({ seed: 97, days: 2 }), (row, hour) =>
      Math.round(hour * 60) % minutes < 5 ? row : null,
    );
    const { events, views } = run(modelOf(), ticks);
    expect(told(events)).toEqual([]);
    expect(views.every(({ state }) => state !== "blind")).toBe(true);
    expect(views.at(-1)!.sources.every(({ verdict }) => verdict === "ok")).toBe(true);
  });
});

describe("a network of which only figures for regions are said", () => {
  const region = (pool: string): string => (pool < "d" ? "KZ" : pool < "g" ? "US" : "DE");
  const falls = [{ region: "KZ", drop: 0.7, from: 30, until: 36 }];
  // Each pool stands in one region alone, and says only that, without averaging.
  const pools = POOLS.map((pool) => ({ ...pool, windowMinutes: 5, weights: { [region(pool.id)]: 1 } }));
  const ticks = rowsOf(world({ seed: 98, days: 1.75, falls, pools, weightError: 0 }), (row) => ({
    ...row,
    region: region(row.pool),
  }));
  const { events, views } = run(modelOf(pools), ticks);

  it("warms up in a day with the time left, like any other, and its pools with it", () => {
    const early = views.find(({ at }) => at === START + 6 * HOUR)!;
    expect(early).toMatchObject({ state: "warming", warmAt: START + 24 * HOUR + 5 * MINUTE });
    expect(early.pools.every(({ state, warmAt }) => state === "warming" && warmAt === early.warmAt)).toBe(true);
    expect(views.find(({ at }) => at === START + 25 * HOUR)!.state).toBe("ok");
    expect(views.at(-1)!.pools.every(({ state }) => state === "ok")).toBe(true);
  });

  it("names the region that falls, and its end", () => {
    const regional = events.filter(({ scope, type }) => scope === "region" && type !== "updated");
    expect(regional.map(({ type, region: name }) => [type, name])).toEqual([
      ["opened", "KZ"],
      ["resolved", "KZ"],
    ]);
    expect(regional[0]!.drop!.low).toBeLessThan(0.7);
    expect(regional[0]!.drop!.high).toBeGreaterThan(0.7);
    expect(hourOf(Date.parse(regional[0]!.at))).toBeLessThan(30.5);
  });
});
