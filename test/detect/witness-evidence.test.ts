/** Witnesses as bounded evidence: they name what figures leave open, and open nothing that figures do not carry. */
import { describe, expect, it } from "vitest";
import { readBundle, recompute } from "../../src/detect/evidence/recompute.ts";
import { CHANNELS, causeShareOf, WITNESS_NATS, witnessRatios } from "../../src/detect/hypotheses/witness-evidence.ts";
import { DROP_PRIOR, DROP_TOTAL } from "../../src/detect/model/grids.ts";
import { countSignals, falseRateOf, SIGNAL_WINDOW_MS, type SignalRate } from "../../src/detect/state/signal-rates.ts";
import type { Fact } from "../../src/model/fact.ts";
import type { Sample } from "../../src/model/sample.ts";
import { opened, regional, run } from "./run.ts";
import { HOUR, modelOf, START, world } from "./world.ts";

const FALL = { region: "KZ", drop: 0.8, from: 60.3, until: 75 } as const;
const TICKS = [...world({ seed: 5, days: 3.5, falls: [FALL] })];
const isFallen = (at: number): boolean => at >= START + FALL.from * HOUR;

const connectivity = (region: string, ratio: number, at: number): Fact => ({
  kind: "connectivity",
  region,
  signal: "BGP visibility",
  ratio,
  at,
});
const withFacts = (facts: (at: number) => readonly Fact[], ticks = TICKS) =>
  ticks.map(({ at, rows }) => ({
    at,
    rows: [...rows, ...facts(at).map((fact): Sample => ({ kind: "witness", at, source: "ioda", fact }))],
  }));

/** KZ and UZ with the same weights everywhere: figures alone cannot tell them apart. */
const base = modelOf();
const twins = {
  ...base,
  pools: base.pools.map((pool) => ({
    ...pool,
    regions: pool.regions.flatMap((each) =>
      each.region === "KZ"
        ? ["KZ", "UZ"].map((region) => ({ region, weight: each.weight / 2, sd: each.sd / 2 }))
        : [each],
    ),
  })),
};

describe("two regions that figures cannot tell apart", () => {
  const facts = (at: number): Fact[] => [
    connectivity("KZ", isFallen(at) ? 0.4 : 1, at),
    connectivity("UZ", 1, at),
    connectivity("RU", 1, at),
  ];

  it("are listed without a witness, and the one that is cut off is named with it", () => {
    const alone = run(twins, TICKS);
    expect(opened(alone.events)[0]).toMatchObject({ region: null, ambiguous: true });
    const ran = run(twins, withFacts(facts));
    expect(opened(ran.events)[0]?.region).toBe("KZ");
    const [first] = opened(ran.events)[0]?.candidates ?? [];
    expect(first?.probability).toBeGreaterThan(0.8);
    expect(first?.withoutWitnesses).toBeLessThan(0.7);
  });

  it("stay listed where witnesses only explain", () => {
    const model = { ...twins, detection: { ...twins.detection, witnesses: "explain" as const } };
    const [first] = opened(run(model, withFacts(facts)).events);
    expect(first).toMatchObject({ region: null, cause: { hint: "connectivity" } });
    for (const { probability, withoutWitnesses } of first?.candidates ?? []) expect(withoutWitnesses).toBe(probability);
  });

  it("are told apart again from the bundle alone", () => {
    const ran = run(twins, withFacts(facts));
    const bundle = readBundle(ran.bundles[0]?.bundle);
    if (bundle.kind !== "figures") throw new Error("the opening's bundle is one of figures");
    const again = recompute(bundle);
    const [first] = bundle.event.candidates ?? [];
    expect(again.candidates[0]?.region).toBe(first?.region);
    expect(again.candidates[0]?.probability).toBeCloseTo(first?.probability ?? 0, 2);
    expect(again.candidates[0]?.withoutWitnesses).toBeCloseTo(first?.withoutWitnesses ?? 0, 2);
  });
});

describe("a witness without a fall", () => {
  it.each(["KZ", "RU", "US"])("of %s opens nothing, however loud it is", (region) => {
    const calm = [...world({ seed: 12, days: 3 })];
    const loud = withFacts((at) => [connectivity(region, at > START + 50 * HOUR ? 0 : 1, at)], calm);
    expect(regional(run(base, loud).events)).toEqual([]);
  });
});

describe("a country whose signal is always bad", () => {
  it("says nothing", () => {
    const rates: SignalRate[] = [];
    for (let window = 0; window < 100; window++) {
      const at = START + window * SIGNAL_WINDOW_MS;
      countSignals(rates, [connectivity("KZ", 0.5, at), connectivity("RU", window % 50 === 0 ? 0.5 : 1, at)], at);
    }
    const [kz, ru] = rates;
    expect(falseRateOf(kz!)).toBeGreaterThan(0.9);
    expect(falseRateOf(ru!)).toBeLessThan(0.05);
    const ratios = (falseRate: number) => witnessRatios({ ...CHANNELS.connectivity, causeShare: 0.5, falseRate }, true);
    expect(Math.max(...ratios(falseRateOf(kz!)))).toBeLessThan(0.5);
    expect(Math.max(...ratios(falseRateOf(ru!)))).toBeGreaterThan(2);
  });
});

describe("what a witness may add", () => {
  it.each([
    [0.05, 0.01],
    [0.2, 0.05],
    [0.5, 0.01],
    [0.5, 0.3],
    [0.9, 0.1],
  ])(
    "with a cause in %f of falls and %f false signals is bounded, and expected to add nothing while nothing falls",
    (causeShare, falseRate) => {
      for (const channel of ["connectivity", "grid"] as const) {
        const model = { ...CHANNELS[channel], causeShare, falseRate };
        const mean = (isSignalled: boolean): number =>
          witnessRatios(model, isSignalled).reduce(
            (sum, log, d) => sum + (Math.exp(log) * (DROP_PRIOR[d] ?? 0)) / DROP_TOTAL,
            0,
          );
        for (const log of [...witnessRatios(model, true), ...witnessRatios(model, false)]) {
          expect(log).toBeGreaterThanOrEqual(WITNESS_NATS.least);
          expect(log).toBeLessThanOrEqual(WITNESS_NATS.most);
        }
        // The lower bound lifts a silent witness by at most what it cuts off.
        expect(falseRate * mean(true) + (1 - falseRate) * mean(false)).toBeLessThan(1.5);
      }
    },
  );

  it("follows the configured share of cut-offs before the usual one", () => {
    expect(causeShareOf("connectivity", "KZ")).toBe(0.5);
    expect(causeShareOf("connectivity", "US-TX")).toBe(0.05);
    expect(causeShareOf("connectivity", "KZ", { KZ: 0.9 })).toBe(0.9);
  });
});
