import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DetectorModel } from "../../src/detect/contract.ts";
import { opened, regional, run } from "./run.ts";
import { HOUR, modelOf, START, world } from "./world.ts";

/** The model with a region cut in two that have the same share of it in every pool. */
function split(model: DetectorModel, region: string, parts: Readonly<Record<string, number>>): DetectorModel {
  return {
    ...model,
    pools: model.pools.map((pool) => ({
      ...pool,
      regions: pool.regions.flatMap((entry) =>
        entry.region === region
          ? Object.entries(parts).map(([name, part]) => ({
              region: name,
              weight: entry.weight * part,
              sd: entry.sd * part,
            }))
          : [entry],
      ),
    })),
  };
}

describe("regions that the weights cannot tell apart", () => {
  it("are reported together, never guessed, whatever falls and whenever", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0.6, max: 0.95, noNaN: true }),
        (seed, drop) => {
          const falls = [{ region: "KZ", drop, from: 30.3, until: 60 }];
          const { events } = run(split(modelOf(), "KZ", { KZ: 0.5, UZ: 0.5 }), world({ seed, days: 1.35, falls }));
          const [first] = opened(events);
          expect(first, `seed ${seed}`).toMatchObject({ region: null, ambiguous: true });
          const names = first!.candidates!.slice(0, 2).map((entry) => entry.region);
          expect(names.sort()).toEqual(["KZ", "UZ"]);
          for (const event of regional(events)) expect(event.region, `seed ${seed}`).toBeNull();
          for (const { probability } of first!.candidates!.slice(0, 2)) expect(probability).toBeCloseTo(0.5, 1);
        },
      ),
      { numRuns: 4, seed: 5 },
    );
  });
});

describe("two regions at once", () => {
  const falls = [
    { region: "KZ", drop: 0.8, from: 30, until: 50 },
    { region: "US", drop: 0.5, from: 37, until: 52 },
  ];
  const { events } = run(modelOf(), world({ seed: 71, days: 2.5, falls }));
  it("are two alerts, the second while the first is open, each resolved", () => {
    expect(opened(events).map((event) => event.region)).toEqual(["KZ", "US"]);
    const resolved = regional(events).filter((event) => event.type === "resolved");
    expect(resolved.map((event) => event.resolution)).toEqual(["recovered", "recovered"]);
    const second = Date.parse(opened(events)[1]!.at);
    expect(second).toBeLessThan(START + 38 * HOUR);
  });
});

describe("a fall that stays", () => {
  it("is accepted as the new regime after the configured time, and is not found again", () => {
    const model = modelOf();
    const short = { ...model, detection: { ...model.detection, newRegimeAfterSeconds: 86_400 } };
    const falls = [{ region: "KZ", drop: 0.8, from: 30, until: 400 }];
    const { events } = run(short, world({ seed: 72, days: 4, falls }));
    expect(
      regional(events)
        .filter((event) => event.type !== "updated")
        .map((event) => [event.type, event.resolution]),
    ).toEqual([
      ["opened", undefined],
      ["resolved", "new-regime"],
    ]);
  });
});

describe("a figure for one region", () => {
  it("counts as that region's own: its fall names the region sooner than the pools do", () => {
    const model = modelOf();
    const falls = [{ region: "KZ", drop: 0.35, from: 30, until: 60 }];
    const ticks = [...world({ seed: 73, days: 1.4, falls })];
    const withRows = ticks.map(({ at, rows }) => {
      const hour = (at - START) / HOUR;
      const noise = 1 + 0.004 * Math.sin(at / 1e6) + 0.003 * Math.cos(at / 7e5);
      const kz = 8e17 * (hour >= 30 ? 0.65 : 1) * noise;
      return {
        at,
        rows: [...rows, { kind: "rate" as const, at, pool: "juliet", region: "KZ", hashrate: Math.round(kz) }],
      };
    });
    const plain = opened(run(model, ticks).events)[0];
    const ran = run(model, withRows).events;
    const helped = opened(ran)[0];
    expect(helped).toMatchObject({ region: "KZ" });
    expect(Date.parse(helped!.at)).toBeLessThanOrEqual(Date.parse(plain!.at));
    // A step of the row itself waits for the figure that confirms it, so its evidence comes with a later revision.
    const evidence = ran.filter(({ id }) => id === helped!.id).flatMap((event) => event.evidence ?? []);
    expect(evidence.some((entry) => entry.region === "KZ" && entry.score > 2)).toBe(true);
  });
});

describe("blocks alone", () => {
  it("name the region, slowly, from a configuration without any figure", () => {
    const model = modelOf(undefined, { blockIntervalSeconds: 600 });
    const at0 = START;
    let state = 17;
    const uniform = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state / 0x7fffffff;
    };
    const sizes = model.pools.map((_, k) => [30, 26, 24, 20, 18, 12, 9, 6, 4, 2][k]!);
    const total = sizes.reduce((a, b) => a + b, 0);
    const fallen = at0 + 32 * 24 * HOUR;
    let time = at0;
    let height = 700_000;
    const rows = new Map<number, { kind: "block"; at: number; pool: string; height: number; difficulty: number }[]>();
    while (time < at0 + 35.5 * 24 * HOUR) {
      const rates = model.pools.map((pool, k) => {
        const us = pool.regions.find((entry) => entry.region === "US")?.weight ?? 0;
        return sizes[k]! * (time >= fallen ? 1 - 0.85 * us : 1);
      });
      const sum = rates.reduce((a, b) => a + b, 0);
      time += (-Math.log(1 - uniform()) * 600_000 * total) / sum;
      let pick = uniform() * sum;
      const who = rates.findIndex((rate) => {
        pick -= rate;
        return pick <= 0;
      });
      const tick = Math.ceil(time / 300_000) * 300_000;
      const block = {
        kind: "block" as const,
        at: Math.round(time),
        pool: model.pools[who]!.id,
        height,
        difficulty: 2e13,
      };
      rows.set(tick, [...(rows.get(tick) ?? []), block]);
      height += 1;
    }
    const ticks = [...rows].map(([at, blocks]) => ({ at, rows: blocks }));
    const { events, views } = run(model, ticks);
    const [first] = opened(events);
    expect(first).toMatchObject({ scope: "region", region: "US" });
    const hours = (Date.parse(first!.at) - fallen) / HOUR;
    expect(hours).toBeGreaterThan(0);
    expect(hours).toBeLessThan(72);
    expect(first!.evidence!.every((entry) => entry.unit === "blocks")).toBe(true);
    expect(views[100]!.state).toBe("warming");
  });
});
