/** Witnesses as bounded evidence: they name what figures leave open, and open nothing that figures do not carry. */
import { describe, expect, it } from "vitest";
import { readBundle, recompute } from "../../src/detect/evidence/recompute.ts";
import { splitUnlisted, unlistedNats } from "../../src/detect/hypotheses/unlisted-region.ts";
import {
  CHANNELS,
  causeShareOf,
  type Testimony,
  WITNESS_NATS,
  witnessNats,
  witnessRatios,
} from "../../src/detect/hypotheses/witness-evidence.ts";
import { DROP_PRIOR, DROP_TOTAL, DROPS } from "../../src/detect/model/grids.ts";
import { countSignals, falseRateOf, SIGNAL_WINDOW_MS, type SignalRate } from "../../src/detect/state/signal-rates.ts";
import { isSignalledAround, remember, type WitnessEntry } from "../../src/detect/state/witness-memory.ts";
import type { Fact } from "../../src/model/fact.ts";
import type { Sample, WitnessSample } from "../../src/model/sample.ts";
import { seededRandom } from "../support/random.ts";
import { opened, regional, run } from "./run.ts";
import { HOUR, modelOf, START, world } from "./world.ts";

const FALL = { region: "KZ", drop: 0.8, from: 44.3, until: 50 } as const;
const TICKS = [...world({ seed: 5, days: 1.98, falls: [FALL] })];
const isFallen = (at: number): boolean => at >= START + FALL.from * HOUR;

const connectivity = (region: string, ratio: number, at: number): Fact => ({
  kind: "connectivity",
  region,
  signal: "BGP visibility",
  ratio,
  at,
});
const connectivityRow =
  (region: string) =>
  (at: number, ratio: number): WitnessSample => ({
    kind: "witness",
    at,
    source: "ioda",
    fact: connectivity(region, ratio, at),
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
    const calm = [...world({ seed: 12, days: 1.5 })];
    const loud = withFacts((at) => [connectivity(region, at > START + 30 * HOUR ? 0 : 1, at)], calm);
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
    expect(falseRateOf(ru!)).toBeLessThan(0.06);
    const ratios = (falseRate: number) =>
      witnessRatios([{ model: { ...CHANNELS.connectivity, causeShare: 0.5, falseRate }, isSignalled: true }]);
    expect(Math.max(...ratios(falseRateOf(kz!)))).toBeLessThan(0.5);
    expect(Math.max(...ratios(falseRateOf(ru!)))).toBeGreaterThan(2);
  });
});

describe("what a witness may add", () => {
  const heard = (channel: keyof typeof CHANNELS, causeShare: number, falseRate: number): Testimony[] =>
    [true, false].map((isSignalled) => ({ model: { ...CHANNELS[channel], causeShare, falseRate }, isSignalled }));
  const cases = [0.05, 0.2, 0.5, 0.9, 1].flatMap((share) =>
    [0.0005, 0.01, 0.05, 0.3].map((rate): [number, number] => [share, rate]),
  );

  it.each(cases)("with a cause in %f of falls and %f false signals is bounded", (causeShare, falseRate) => {
    for (const channel of ["connectivity", "grid", "miners"] as const) {
      for (const each of heard(channel, causeShare, falseRate)) {
        expect(witnessNats(each)).toBeLessThanOrEqual(WITNESS_NATS.most);
        expect(witnessNats(each)).toBeGreaterThan(2 * WITNESS_NATS.least);
        const mean = witnessRatios([each]).reduce(
          (sum, log, d) => sum + (Math.exp(log) * DROP_PRIOR[d]!) / DROP_TOTAL,
          0,
        );
        // Which drops a signal goes with moves evidence between them and adds none.
        expect(Math.log(mean)).toBeCloseTo(witnessNats(each), 1);
      }
    }
  });

  it.each(cases)(
    "with a cause in %f of falls and %f false signals keeps the budget: the mean of exp(lambda) is at most 1",
    (causeShare, falseRate) => {
      for (const channel of ["connectivity", "grid", "miners"] as const) {
        const [signalled, silent] = heard(channel, causeShare, falseRate);
        const mean = falseRate * Math.exp(witnessNats(signalled!)) + (1 - falseRate) * Math.exp(witnessNats(silent!));
        expect(mean).toBeLessThan(1 + 1e-9);
      }
    },
  );

  it("says that a country which is cut off lost most of its hash rate", () => {
    const ratios = witnessRatios([heard("connectivity", 0.5, 0.01)[0]!]);
    const [small, large] = [ratios[DROPS.indexOf(0.2)]!, ratios[DROPS.indexOf(0.7)]!];
    expect(large - small).toBeGreaterThan(3);
  });

  it("follows the configured share of cut-offs before the usual one", () => {
    expect(causeShareOf("connectivity", "KZ")).toBe(0.5);
    expect(causeShareOf("connectivity", "US-TX")).toBe(0.05);
    expect(causeShareOf("connectivity", "KZ", { KZ: 0.9 })).toBe(0.9);
  });
});

describe("a signal that goes on", () => {
  const at = (hours: number): number => START + hours * HOUR;
  const cutOff = connectivityRow("KZ");
  const remembered = Array.from({ length: 24 }, (_, k) => at(2 + k / 4)).reduce<WitnessEntry[]>(
    // Lower and lower: what is most telling is the newest reading, hours after the fall.
    (entries, time, k) => remember(entries, [cutOff(time, 0.4 - k / 100)], time, 5 * 60_000),
    [],
  );

  it("speaks for an onset of hours ago, near which it began", () => {
    const [entry] = remembered;
    expect(isSignalledAround(entry!, at(1.8))).toBe(true);
    expect(isSignalledAround(entry!, at(6))).toBe(true);
    expect(isSignalledAround(entry!, at(-1))).toBe(false);
  });

  it("is over with the first reading as always", () => {
    const back = remember(remembered, [cutOff(at(8.25), 1)], at(8.25), 5 * 60_000);
    expect(back[0]?.since).toBeUndefined();
  });
});

describe("false signals counted", () => {
  it("are as many as onsets at random hear", () => {
    const random = seededRandom(7);
    const rates: SignalRate[] = [];
    const moments = Array.from({ length: 40 }, () => random() * 900 * SIGNAL_WINDOW_MS);
    for (let time = 0; time < 900 * SIGNAL_WINDOW_MS; time += 15 * 60_000) {
      const low = moments.some((moment) => Math.abs(moment - time) < 30 * 60_000);
      countSignals(rates, [connectivity("KZ", low ? 0.5 : 1, time)], time);
    }
    const onsets = Array.from({ length: 4000 }, () => random() * 900 * SIGNAL_WINDOW_MS);
    const hears = (onset: number) => moments.some((m) => Math.abs(m - onset) < SIGNAL_WINDOW_MS + 30 * 60_000);
    const heard = onsets.filter(hears).length / onsets.length;
    expect(falseRateOf(rates[0]!)).toBeGreaterThan(0.8 * heard);
    expect(falseRateOf(rates[0]!)).toBeLessThan(1.3 * heard);
  });
});

describe("an alert that figures alone would open", () => {
  it("opens at the same tick where witnesses are heard and say nothing", () => {
    const quiet = withFacts((at) => ["KZ", "RU", "US", "CN"].map((region) => connectivity(region, 1, at)));
    const [alone] = opened(run(base, TICKS).events);
    const [heard] = opened(run(base, quiet).events);
    expect(alone?.region).toBe("KZ");
    expect(Date.parse(heard!.at) - Date.parse(alone!.at)).toBeLessThanOrEqual(10 * 60_000);
  });
});

describe("a region that the weights do not have", () => {
  /** IR has a part of every eastern pool that the weights leave over. */
  const told = {
    ...base,
    pools: base.pools.map((pool) => ({ ...pool, regions: pool.regions.filter(({ region }) => region !== "KZ") })),
  };
  const facts = (at: number): Fact[] => [
    connectivity("KZ", isFallen(at) ? 0.3 : 1, at),
    ...["RU", "US", "CN"].map((region) => connectivity(region, 1, at)),
  ];

  it("is listed by its code where a witness speaks for it, as one that is not in the weights", () => {
    const alerts = regional(run(told, withFacts(facts)).events);
    const listed = alerts.flatMap(({ candidates }) => candidates ?? []).filter(({ region }) => region === "KZ");
    expect(listed.length).toBeGreaterThan(0);
    expect(Math.max(...listed.map(({ probability }) => probability))).toBeGreaterThan(0.1);
    for (const each of listed) expect(each.inWeights).toBe(false);
  });

  it("is never named OTHER", () => {
    for (const { region } of regional(run(told, TICKS).events)) expect(region).not.toBe("OTHER");
  });
});

describe("probabilities of a region that the weights do not have", () => {
  const candidates = [
    { region: "OTHER", probability: 0.6, withoutWitnesses: 0.2 },
    { region: "RU", probability: 0.4, withoutWitnesses: 0.8 },
  ];

  it("go to the country that a witness speaks for, and stay with OTHER while none does", () => {
    const split = splitUnlisted(
      candidates,
      new Map([
        ["IR", 4],
        ["IQ", -0.5],
      ]),
    );
    expect(split[0]).toMatchObject({ region: "IR", inWeights: false });
    expect(split[0]!.probability).toBeCloseTo((0.6 * Math.exp(4)) / (Math.exp(4) + 2), 3);
    expect(split.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
    expect(splitUnlisted(candidates, new Map())[0]).toMatchObject({ region: "OTHER", probability: 0.6 });
  });

  it("gain no more by many silent countries than by one", () => {
    expect(unlistedNats([])).toBe(0);
    expect(unlistedNats(Array.from({ length: 20 }, () => -0.5))).toBeLessThan(0);
    expect(unlistedNats([4])).toBeLessThan(4);
  });
});
