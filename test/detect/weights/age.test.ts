import { describe, expect, it } from "vitest";
import type { DetectorModel } from "../../../src/detect/contract.ts";
import { resolvability } from "../../../src/detect/resolvability.ts";
import { ageCounter, agedSd, isOld } from "../../../src/detect/weights/age.ts";
import { opened, run } from "../run.ts";
import { modelOf, START, world } from "../world.ts";

const YEAR = 365.25 * 86_400_000;
const seed = 11;

/** The world's pools with weights that were true `years` before the data begin. */
function dated(years: number): DetectorModel {
  const model = modelOf();
  const asOf = START - years * YEAR;
  return { ...model, pools: model.pools.map((p) => ({ ...p, regions: p.regions.map((w) => ({ ...w, asOf })) })) };
}

describe("the spread of a weight of 0.2 ± 0.05", () => {
  it.each([
    ["is its own while it is young", 0.5, 0.05],
    ["is its own on its first birthday", 1, 0.05],
    ["grows a quarter of a year at a time from then on", 1.01, Math.hypot(0.05, 0.2 * 0.25 * Math.sqrt(0.25))],
    ["holds for the whole step", 1.24, Math.hypot(0.05, 0.2 * 0.25 * Math.sqrt(0.25))],
    ["adds variances with the years", 4.9, Math.hypot(0.05, 0.2 * 0.25 * 2)],
    ["never exceeds the weight itself", 80, 0.2],
  ])("%s", (_, years, sd) => {
    expect(agedSd({ region: "KZ", weight: 0.2, sd: 0.05, asOf: 0 }, years * YEAR)).toBeCloseTo(sd, 9);
  });

  it("does not age without a date, and is not narrowed where it is wider than the weight", () => {
    expect(agedSd({ region: "KZ", weight: 0.2, sd: 0.05 }, 50 * YEAR)).toBe(0.05);
    expect(agedSd({ region: "KZ", weight: 0.2, sd: 0.3, asOf: 0 }, 50 * YEAR)).toBe(0.3);
  });

  it("is old after a year, not on the day", () => {
    expect([isOld(0, YEAR), isOld(0, YEAR + 1)]).toEqual([false, true]);
  });
});

describe("the age of a configuration's weights", () => {
  const count = ageCounter(dated(0.9).pools);

  it("counts nothing while all are young, and tells when a step is over", () => {
    const counts = [0, 0.1, 0.11, 0.34, 0.36].map((years) => count(START + years * YEAR));
    expect(counts).toEqual([0, 0, 1, 1, 2]);
  });

  it("costs what can be told apart", () => {
    const hour = (at: number) => resolvability(dated(0), { at }).map(({ smallestDropDay }) => smallestDropDay ?? 2);
    const [young, old] = [hour(START), hour(START + 9 * YEAR)];
    expect(old.reduce((a, b) => a + b)).toBeGreaterThan(young.reduce((a, b) => a + b));
  });
});

describe(`a blackout seen with weights of a certain age (seed ${seed})`, () => {
  const ticks = () => world({ seed, days: 1.4, falls: [{ region: "KZ", drop: 0.75, from: 30.2, until: 75 }] });
  const said = (model: DetectorModel, throughBytes = false) => run(model, ticks(), { throughBytes });

  it("is told the same with a young date as with none", () => {
    expect(said(dated(0.2)).events).toEqual(said(modelOf()).events);
  });

  it("carries less evidence the older they are, and the same in every run", () => {
    const old = said(dated(9));
    expect(opened(old.events)).toHaveLength(1);
    const evidence = (events: typeof old.events) =>
      (opened(events)[0]?.evidence ?? []).reduce((sum, row) => sum + Math.max(0, row.score), 0);
    expect(evidence(old.events)).toBeLessThan(evidence(said(modelOf()).events));
    expect(said(dated(9), true).events).toEqual(old.events);
  });
});
