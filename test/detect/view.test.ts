import { describe, expect, it } from "vitest";
import type { DetectorModel } from "../../src/detect/contract.ts";
import { createDetector } from "../../src/detect/detector.ts";
import type { RateSample } from "../../src/model/sample.ts";
import type { NetworkView } from "../../src/model/view.ts";

const INTERVAL = 300_000;
const START = Date.UTC(2022, 0, 1);
const RATES: Readonly<Record<string, number>> = { a: 5e19, b: 3e19, c: 2e19 };
const MODEL: DetectorModel = {
  network: "bitcoin",
  intervalSeconds: 300,
  pools: Object.keys(RATES).map((id) => ({
    id,
    windowSeconds: 3600,
    regions: [{ region: "US", weight: 0.5, sd: 0.1 }],
  })),
  detection: {
    falseAlarmsPerMonth: 0.1,
    newRegimeAfterSeconds: 14 * 86_400,
    severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
  },
  configHash: "test",
};

/** The view at the last of `ticks` ticks, some pools left out from `silentFrom` on. */
function viewAfter(ticks: number, silentFrom: number, silent: readonly string[] = ["c"]): NetworkView {
  const detector = createDetector(MODEL);
  let state = detector.initial();
  let view: NetworkView | undefined;
  for (let n = 1; n <= ticks; n++) {
    const at = START + n * INTERVAL;
    const rows = Object.entries(RATES)
      .filter(([pool]) => !silent.includes(pool) || n < silentFrom)
      .map(([pool, rate]): RateSample => ({ kind: "rate", at, pool, hashrate: rate * (1 + 0.002 * Math.sin(n)) }));
    const result = detector.advance(state, { at, rows });
    ({ state, view } = result);
  }
  return view!;
}

describe("the network's hash rate in a view", () => {
  const cases = [
    { name: "is the sum of the pools' figures", silentTicks: 0, expected: 1e20 },
    { name: "does not fall when a figure is missing for some ticks", silentTicks: 6, expected: 1e20 },
    { name: "is absent while a large part of it is unknown", silentTicks: 24, expected: undefined },
    { name: "goes on without a pool that has said nothing for a day", silentTicks: 300, expected: 8e19 },
  ];
  it.each(cases)("$name", ({ silentTicks, expected }) => {
    const { hashrate } = viewAfter(400, 401 - silentTicks);
    if (expected === undefined) expect(hashrate).toBeUndefined();
    else expect(Math.abs((hashrate ?? 0) / expected - 1)).toBeLessThan(0.01);
  });
});

describe("a region's hash rate in a view", () => {
  const cases = [
    { name: "is its part of the pools' figures", silentTicks: 0, expected: 5e19 },
    { name: "is not less because a pool is not heard of for some hours", silentTicks: 48, expected: 5e19 },
    { name: "goes on without a pool that has said nothing for a day", silentTicks: 300, expected: 4e19 },
  ];
  it.each(cases)("$name", ({ silentTicks, expected }) => {
    const [region] = viewAfter(400, 401 - silentTicks).regions;
    expect(Math.abs((region!.hashrate ?? 0) / expected - 1)).toBeLessThan(0.01);
  });

  it("is absent while more than a third of it is not heard of", () => {
    const [region] = viewAfter(400, 401 - 48, ["b", "c"]).regions;
    expect(region).toMatchObject({ region: "US" });
    expect(region).not.toHaveProperty("hashrate");
  });
});
