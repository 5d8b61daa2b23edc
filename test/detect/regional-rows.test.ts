/** Rows by region beside a pool's total, or without one: each adds its own evidence, and none takes another's away. */
import { describe, expect, it } from "vitest";
import type { DetectorModel } from "../../src/detect/contract.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import type { RateSample } from "../../src/model/sample.ts";
import { opened, regional, run } from "./run.ts";
import { detectorModelOf } from "./small-models.ts";

const HOUR = 3_600_000;
const STEP = 300_000;
const START = Date.UTC(2026, 6, 1);
const FALL_HOUR = 30;

const WEIGHTS: Record<string, Record<string, number>> = {
  p0: { KZ: 0.3, US: 0.4, RU: 0.3 },
  p1: { KZ: 0.25, US: 0.25, RU: 0.5 },
  p2: { KZ: 0.1, US: 0.7, RU: 0.2 },
  p3: { KZ: 0.02, US: 0.93, RU: 0.05 },
};

function modelOf(weights: Record<string, Record<string, number>>): DetectorModel {
  return detectorModelOf(weights, { network: "bitcoin", stepMs: STEP, windowSeconds: 600 });
}

/** Normal deviates, the same every time. */
function noise(seed: number): () => number {
  let s = seed;
  const uniform = (): number => {
    s = (s * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (s + 1) / 2_147_483_649;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const rate = (at: number, pool: string, hashrate: number, region?: string): RateSample => ({
  kind: "rate",
  at,
  pool,
  hashrate,
  ...(region === undefined ? {} : { region }),
});

const minutesAfterFall = (event: AlertEvent): number => (Date.parse(event.at) - START - FALL_HOUR * HOUR) / 60_000;

/** Kazakhstan loses 80 %; a row for Kazakhstan of one pool says `farm` H/s of it. */
function* withFarm(farm: number): Generator<{ at: number; rows: RateSample[] }> {
  const normal = noise(7);
  for (let at = START; at < START + 36 * HOUR; at += STEP) {
    const left = at >= START + FALL_HOUR * HOUR ? 0.2 : 1;
    const scatter = Object.keys(WEIGHTS).map(() => Math.exp(0.008 * normal()));
    const own = Math.exp(0.01 * normal());
    const rows = Object.entries(WEIGHTS).map(([pool, { KZ = 0 }], k) =>
      rate(at, pool, 1e19 * (1 - KZ + KZ * left) * scatter[k]!),
    );
    if (farm > 0) rows.push(rate(at, "p0", farm * left * own, "KZ"));
    yield { at, rows };
  }
}

describe("a figure for one region beside its pool's total", () => {
  const lost = 0.8 * (0.3 + 0.25 + 0.1 + 0.02) * 1e19;
  it.each([
    { farm: 0, within: 25 },
    { farm: 1e16, within: 25 },
    { farm: 2.9e18, within: 25 },
  ])("of $farm H/s: the region is named as soon as without it, and what is lost is the same", ({ farm, within }) => {
    const events = regional(run(modelOf(WEIGHTS), withFarm(farm)).events);
    const named = events.filter(({ region }) => region !== null);
    expect(new Set(named.map(({ region }) => region))).toEqual(new Set(["KZ"]));
    expect(minutesAfterFall(named[0]!)).toBeLessThanOrEqual(within);
    expect(named[0]!.lost!.hashrate / lost).toBeGreaterThan(0.8);
    expect(named[0]!.lost!.hashrate / lost).toBeLessThan(1.25);
  });
});

const SIZES = { mine: 1.6e17, hers: 9.6e16, theirs: 6e16 };

/** Pools publish one figure for each region and no total. Europe's figures of `falling` are `left` of themselves from hour 30 on. */
function* rowsAlone(left: number, falling: readonly string[]): Generator<{ at: number; rows: RateSample[] }> {
  const normal = noise(11);
  for (let at = START; at < START + (FALL_HOUR + 1) * HOUR; at += 2 * STEP) {
    const rows = Object.entries(SIZES).flatMap(([pool, size]) =>
      Object.entries({ EU: 0.3125, US: 0.5, AS: 0.1875 }).map(([region, share]) => {
        const isDown = region === "EU" && falling.includes(pool) && at > START + FALL_HOUR * HOUR;
        return rate(at, pool, size * share * Math.exp(0.01 * normal()) * (isDown ? left : 1), region);
      }),
    );
    yield { at, rows };
  }
}

describe("figures by region of three pools, without totals", () => {
  const shares = { EU: 0.3125, US: 0.5, AS: 0.1875 };
  const world = { ...modelOf({ mine: shares, hers: shares, theirs: shares }), intervalSeconds: 600 };

  it.each([0, 0.01])(
    "all lose Europe but for %f of it: it is named within half an hour, with size and onset",
    (left) => {
      const told = opened(run(world, rowsAlone(left, Object.keys(SIZES))).events);
      expect(told.map(({ region }) => region)).toEqual(["EU"]);
      expect(minutesAfterFall(told[0]!)).toBeLessThanOrEqual(30);
      expect(told[0]!.lost!.hashrate / (0.3125 * 3.16e17)).toBeCloseTo(1, 1);
      const onset = (Date.parse(told[0]!.startedAt) - START - FALL_HOUR * HOUR) / 60_000;
      expect(Math.abs(onset)).toBeLessThanOrEqual(15);
    },
  );

  it("one loses Europe: an alert of the pool names it within four ticks, and no region's does", () => {
    const { events } = run(world, rowsAlone(0.01, ["mine"]));
    expect(opened(events)).toEqual([]);
    const [told] = events.filter(({ scope, type }) => scope === "pool" && type === "opened");
    expect(told).toMatchObject({ pool: "mine", region: "EU" });
    expect(minutesAfterFall(told!)).toBeLessThanOrEqual(40);
  });
});
