import { describe, expect, it } from "vitest";
import type { PoolFigure } from "../../src/simulate/scenarios/contract.ts";
import { suffixString } from "../../src/simulate/server/pools.ts";
import type { Confounder } from "../../src/simulate/world/confounders.ts";
import { aliveAt } from "../../src/simulate/world/curve.ts";
import { Figure } from "../../src/simulate/world/figures.ts";
import { Random } from "../../src/simulate/world/random.ts";

const MINUTE_MS = 60_000;
const START = Date.parse("2022-01-05T00:00:00Z");
const QUARTER: PoolFigure = { kind: "sliding", seconds: 900, refreshSeconds: 60 };

function figureOf(spec: PoolFigure, confounders: readonly Confounder[] = []): Figure {
  return new Figure({ spec, pool: "p", regions: ["US", "EU"], confounders, random: new Random("figures") });
}

/** Readings of `minutes` minutes of a pool that has `rate(minute)` H/s, half in each region. */
function read(figure: Figure, minutes: number, rate: (minute: number) => number = () => 1e19) {
  return Array.from({ length: minutes }, (_, minute) => {
    const half = rate(minute + 1) / 2;
    figure.step(START + (minute + 1) * MINUTE_MS, Float64Array.of(half, half));
    return figure.reading;
  });
}

function during(kind: Confounder["kind"], from: number, to: number, size = 1): Confounder {
  return { kind, pool: "p", start: START + from * MINUTE_MS, end: START + to * MINUTE_MS, size };
}

describe("a pool's figure", () => {
  it("is the mean of its window, within a small error of measurement", () => {
    const readings = read(figureOf(QUARTER), 60, (minute) => (minute > 30 ? 5e18 : 1e19));
    const at = (minute: number) => readings[minute - 1]?.hashrate ?? Number.NaN;
    expect(at(30) / 1e19).toBeCloseTo(1, 1);
    // Five minutes after the fall a third of the window knows of it.
    expect(at(35) / 1e19).toBeCloseTo(1 - 0.5 / 3, 1);
    expect(at(46) / 1e19).toBeCloseTo(0.5, 1);
  });

  it("changes only as often as the pool refreshes it", () => {
    const readings = read(figureOf({ ...QUARTER, refreshSeconds: 300 }), 60);
    const figures = new Set(readings.flatMap((reading) => (reading === null ? [] : [reading.at])));
    expect(figures.size).toBeLessThanOrEqual(13);
    expect([...figures].filter((at) => at % 300_000 !== 0).length).toBeLessThanOrEqual(1);
  });

  it("stands still while it is stale, with the time it had", () => {
    const readings = read(figureOf(QUARTER, [during("stale-figure", 20, 40)]), 50);
    const stale = readings.slice(20, 39);
    expect(new Set(stale.map((reading) => reading?.hashrate)).size).toBe(1);
    expect(stale.every((reading) => reading?.at === START + 19 * MINUTE_MS)).toBe(true);
    expect(readings[45]?.at).toBe(START + 46 * MINUTE_MS);
  });

  it("does not answer during a gap", () => {
    const readings = read(figureOf(QUARTER, [during("gap", 20, 40)]), 60);
    expect(readings.slice(20, 39).every((reading) => reading === null)).toBe(true);
    expect(readings.slice(50).some((reading) => reading !== null)).toBe(true);
  });

  it("comes in another unit, now and then, while units slip", () => {
    const slipping = read(figureOf(QUARTER, [during("unit-slip", 20, 40, 1e3)]), 40).slice(20, 39);
    const factors = new Set(slipping.map((reading) => Math.round(Math.log10((reading?.hashrate ?? 1e19) / 1e19))));
    expect(factors).toEqual(new Set([0, 3]));
  });

  it("of a server decays as ckpool's averages do: the five-minute value halves in three and a half minutes", () => {
    const figure = figureOf({ kind: "servers", seconds: 300, refreshSeconds: 60 });
    const readings = read(figure, 150, (minute) => (minute > 120 ? 0 : 2e16));
    const at = (minute: number) => readings[minute - 1]?.servers?.get("EU")?.hashrate5m ?? Number.NaN;
    expect(at(120) / 1e16).toBeCloseTo(1, 1);
    // Once a minute, f = f / (1 + p) with p = 1 - exp(-60 / 300).
    expect(at(124) / at(120)).toBeCloseTo((1 / (2 - Math.exp(-0.2))) ** 4, 5);
  });
});

describe("ckpool's suffix strings", () => {
  it.each([
    [0, "0"],
    [885, "885"],
    [1.484e12, "1.48T"],
    [45.04e15, "45P"],
    [999.9e12, "1e+03T"],
    [2.5e21, "2.5Z"],
    [7.2e22, "72Z"],
  ])("%d is %s", (rate, text) => {
    expect(suffixString(rate)).toBe(text);
  });
});

describe("a region's course", () => {
  const corners = [
    { at: 100, alive: 1 },
    { at: 200, alive: 0.2 },
    { at: 300, alive: 0.2 },
    { at: 400, alive: 0.9 },
  ];
  it.each([
    [0, 1],
    [100, 1],
    [150, 0.6],
    [200, 0.2],
    [250, 0.2],
    [350, 0.55],
    [400, 0.9],
    [9_999, 0.9],
  ])("at %d is %d", (at, alive) => {
    expect(aliveAt(corners, at)).toBeCloseTo(alive, 9);
  });
});
