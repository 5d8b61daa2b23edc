import { describe, expect, it } from "vitest";
import { createBlockEvidence } from "../../../src/detect/blocks/block-evidence.ts";
import type { BlockOpinion } from "../../../src/detect/blocks/contract.ts";
import { brief, chain, DAY, follow, HOUR, modelOf, POOLS, type PoolSpec, START, STRANGERS } from "./chain-world.ts";

const FALL_DAY = 24;
const evidence = createBlockEvidence(modelOf());
const weight = (pool: string, region: string, pools = POOLS): number => pools[pool]?.regions[region] ?? 0;

/** A region loses `drop` from the fall's day on, for some days. */
function fallOf(region: string, drop: number, days: number, pools = POOLS) {
  return (pool: string, hours: number): number =>
    hours >= FALL_DAY * 24 && hours < (FALL_DAY + days) * 24 ? 1 - weight(pool, region, pools) * drop : 1;
}

function openings(said: ReturnType<typeof follow>["said"]): Extract<BlockOpinion, { kind: "open" }>[] {
  return said.flatMap(({ opinion }) => (opinion.kind === "open" ? [opinion] : []));
}

describe("a region that falls", () => {
  it.each([
    { region: "EA", drop: 0.8, seed: 11 },
    { region: "WE", drop: 0.8, seed: 12 },
    { region: "EA", drop: 0.7, seed: 13 },
    { region: "WE", drop: 0.7, seed: 14 },
  ])("is named within two days: $drop of $region (seed $seed)", ({ region, drop, seed }) => {
    const { said } = follow(
      evidence,
      chain({ seed, days: FALL_DAY + 5, factor: fallOf(region, drop, 99) }),
      FALL_DAY - 1,
    );
    expect(brief(said)).toHaveLength(1);
    const [{ hours }] = said as [(typeof said)[0]];
    expect(hours - FALL_DAY * 24).toBeGreaterThan(0);
    expect(hours - FALL_DAY * 24).toBeLessThan(48);
    const [found] = openings(said);
    expect(found).toMatchObject({ region, ambiguous: false });
    expect(found!.score).toBeGreaterThanOrEqual(evidence.threshold);
    expect(found!.fit.drop.low).toBeLessThan(drop);
    expect(found!.fit.drop.high).toBeGreaterThan(drop);
    const onset = START + FALL_DAY * DAY;
    expect(found!.fit.onset.low).toBeLessThan(onset);
    expect(found!.fit.onset.high).toBeGreaterThan(onset - 12 * HOUR);
  });

  it("is measured: lost share and hash rate within their intervals, evidence by pool", () => {
    const drop = 0.8;
    const { said } = follow(
      evidence,
      chain({ seed: 11, days: FALL_DAY + 5, factor: fallOf("EA", drop, 99) }),
      FALL_DAY - 3,
    );
    const { fit } = openings(said)[0]!;
    const lost = Object.entries(POOLS).reduce((sum, [pool, { share }]) => sum + share * weight(pool, "EA") * drop, 0);
    expect(fit.lostShare.low).toBeLessThan(lost);
    expect(fit.lostShare.high).toBeGreaterThan(lost);
    // Difficulty 1e12 and a block in 600 s.
    const network = (1e12 * 2 ** 32) / 600;
    expect(fit.lostHashrate.estimate / network / fit.lostShare.estimate).toBeGreaterThan(0.9);
    expect(fit.lostHashrate.estimate / network / fit.lostShare.estimate).toBeLessThan(1.1);
    expect(fit.evidence.map(({ pool }) => pool).sort()).toEqual(Object.keys(POOLS).sort());
    const alpha = fit.evidence.find(({ pool }) => pool === "alpha")!;
    expect(alpha.observed).toBeLessThan(alpha.expected);
    expect(alpha.score).toBeGreaterThan(0);
  });

  it("ends when it is over, and not before", () => {
    const days = 6;
    const { said, state } = follow(
      evidence,
      chain({ seed: 12, days: FALL_DAY + days + 6, factor: fallOf("WE", 0.8, days) }),
      FALL_DAY - 1,
    );
    expect(said.map(({ opinion }) => opinion.kind)).toEqual(["open", "resolve"]);
    const over = said[1]!;
    expect(over.hours).toBeGreaterThan((FALL_DAY + days) * 24);
    expect(over.hours).toBeLessThan((FALL_DAY + days + 3) * 24);
    expect(over.opinion).toMatchObject({ region: "WE", resolution: "recovered" });
    expect(evidence.held(state)).toEqual([]);
  });

  it("does not teach the baseline: after ten days the expectation is still what it was", () => {
    const blocks = chain({ seed: 12, days: FALL_DAY + 10, factor: fallOf("WE", 0.8, 99) });
    const state = evidence.initial();
    evidence.observe(
      state,
      START + FALL_DAY * DAY,
      blocks.filter(({ at }) => at <= START + FALL_DAY * DAY),
    );
    const rate = (): number =>
      evidence.fit(state, "WE", START)!.lostHashrate.estimate / evidence.fit(state, "WE", START)!.drop.estimate;
    const before = rate();
    evidence.hold(state, { region: "WE", drop: 0.8, since: START + FALL_DAY * DAY });
    const rest = blocks.filter(({ at }) => at > START + FALL_DAY * DAY);
    evidence.observe(state, rest.at(-1)!.at, rest);
    expect(rate() / before).toBeGreaterThan(0.85);
    expect(rate() / before).toBeLessThan(1.15);
    expect(evidence.evaluate(state, rest.at(-1)!.at).regions.every(({ score }) => score < evidence.threshold)).toBe(
      true,
    );
    // Accepted as the new normal, all is as expected without any fall held.
    evidence.end(state, "WE", { kind: "new-regime" });
    expect(evidence.held(state)).toEqual([]);
    const counts = evidence.counts(state, rest.at(-1)!.at - 4 * DAY).find(({ pool }) => pool === "delta")!;
    expect(Math.abs(counts.observed - counts.expected)).toBeLessThan(4 * Math.sqrt(counts.expected));
    expect(evidence.evaluate(state, rest.at(-1)!.at).regions.every(({ score }) => score < evidence.threshold)).toBe(
      true,
    );
  });

  it("is never guessed between two of which the pools know the same", () => {
    const split = (regions: Readonly<Record<string, number>>): Record<string, number> => {
      const { EA = 0, ...rest } = regions;
      return { ...rest, EN: EA / 2, ES: EA / 2 };
    };
    const pools: Record<string, PoolSpec> = Object.fromEntries(
      Object.entries(POOLS).map(([id, spec]) => [id, { ...spec, regions: split(spec.regions) }]),
    );
    const twins = createBlockEvidence(modelOf(pools));
    const { said } = follow(
      twins,
      chain({ seed: 11, days: FALL_DAY + 5, factor: fallOf("EA", 0.8, 99) }),
      FALL_DAY - 3,
    );
    const [found] = openings(said);
    expect(found).toMatchObject({ ambiguous: true });
    const probabilities = Object.fromEntries(found!.candidates.map(({ region, probability }) => [region, probability]));
    expect(probabilities.EN).toBeCloseTo(probabilities.ES!, 9);
  });
});

describe("what is no region's fall", () => {
  const known = createBlockEvidence(modelOf({ ...POOLS, nova: { share: 0, regions: { EA: 0.5 } } }));
  const quiet = (pool: string, hours: number, day: number): boolean => pool === "delta" && hours >= day * 24;
  it.each([
    { what: "luck alone", days: 42, options: {} },
    {
      what: "a pool that closes",
      days: 32,
      options: { factor: (pool: string, hours: number) => (quiet(pool, hours, FALL_DAY) ? 0.02 : 1) },
    },
    {
      what: "a pool whose blocks get another name",
      days: 32,
      options: { label: (pool: string, hours: number) => (quiet(pool, hours, FALL_DAY) ? STRANGERS : pool) },
    },
    {
      what: "the largest pool's blocks under another's name",
      days: 32,
      options: { label: (pool: string, hours: number) => (pool === "alpha" && hours >= FALL_DAY * 24 ? "zeta" : pool) },
    },
    {
      what: "a pool's blocks under a name that never found one",
      days: 32,
      options: { label: (pool: string, hours: number) => (pool === "delta" && hours >= FALL_DAY * 24 ? "nova" : pool) },
    },
    {
      what: "everything falling by a tenth",
      days: 32,
      options: { factor: (_pool: string, hours: number) => (hours >= FALL_DAY * 24 ? 0.9 : 1) },
    },
  ])("$what", ({ days, options }) => {
    const { said } = follow(known, chain({ seed: 21, days, ...options }), 20);
    expect(brief(said)).toEqual([]);
  });

  it.each([
    { what: "an hour", hours: 1 },
    { what: "ten hours", hours: 10 },
    { what: "three days", hours: 72 },
  ])("a feed that is dead for $what, and blocks that come late in a burst", ({ hours }) => {
    const from = START + FALL_DAY * DAY;
    const to = from + hours * HOUR;
    const blocks = chain({ seed: 24, days: FALL_DAY + 6 });
    const lost = blocks.filter(({ at }) => at <= from || at > to);
    expect(brief(follow(evidence, lost, 23).said)).toEqual([]);
    const late = blocks.map((row) => (row.at > from && row.at <= to ? { ...row, at: to, observedAt: row.at } : row));
    expect(brief(follow(evidence, late, 23).said)).toEqual([]);
    const undated = blocks.map((row) => (row.at > from && row.at <= to ? { ...row, at: to } : row));
    expect(brief(follow(evidence, undated, 23).said)).toEqual([]);
  });

  it("silence: the feed is said to be silent, and nothing opens however long it lasts", () => {
    const blocks = chain({ seed: 25, days: 20 });
    const state = evidence.initial();
    const end = blocks.at(-1)!.at;
    evidence.observe(state, end, blocks);
    const before = evidence.evaluate(state, end);
    expect(before.feed).toBe("ok");
    for (const later of [4, 24, 240]) {
      const now = evidence.evaluate(state, end + later * HOUR);
      expect(now.feed).toBe("silent");
      expect(now.regions).toEqual(before.regions);
      expect(evidence.decide(state, now)).toEqual([]);
    }
  });
});

describe("hypotheses for the score of pool figures", () => {
  it("favours the region that fell since its onset over others, and the bounded pool over none", () => {
    const blocks = chain({ seed: 11, days: FALL_DAY + 2, factor: fallOf("EA", 0.8, 99) });
    const state = evidence.initial();
    evidence.observe(state, blocks.at(-1)!.at, blocks);
    const onset = START + FALL_DAY * DAY;
    const ratios = evidence.logRatios(state, onset, [0.8]);
    expect(ratios).toHaveLength(evidence.regions.length);
    expect(evidence.regions[ratios.indexOf(Math.max(...ratios))]).toBe("EA");
    expect(ratios[evidence.regions.indexOf("EA")]).toBeGreaterThan(4);
    expect(ratios[evidence.regions.indexOf("WE")]).toBeLessThan(0);
    expect(evidence.poolLogRatio(state, onset, "delta", 0.8)).toBeLessThan(-2);
    expect(evidence.networkLogRatio(state, onset, 0.35)).toBeLessThan(ratios[evidence.regions.indexOf("EA")]!);
    expect(evidence.logRatios(state, onset)).toHaveLength(evidence.regions.length * evidence.drops.length);
  });

  it("changes nothing when pools are listed in another order", () => {
    const shuffled = createBlockEvidence(modelOf(Object.fromEntries(Object.entries(POOLS).reverse())));
    const blocks = chain({ seed: 11, days: FALL_DAY + 2, factor: fallOf("EA", 0.8, 99) });
    const at = blocks.at(-1)!.at;
    const scores = [evidence, shuffled].map((maker) => {
      const state = maker.initial();
      maker.observe(state, at, blocks);
      return Object.fromEntries(
        maker.evaluate(state, at).regions.map(({ region, score }) => [region, score.toFixed(9)]),
      );
    });
    expect(scores[0]).toEqual(scores[1]);
  });

  it("takes an operator's pools that fall together for the operator's trouble", () => {
    const operator = "one";
    const pools = { ...POOLS, delta: { ...POOLS.delta!, operator }, epsilon: { ...POOLS.epsilon!, operator } };
    const gone = (pool: string, hours: number): number =>
      hours >= FALL_DAY * 24 && pools[pool as keyof typeof pools]?.operator === operator ? 0.3 : 1;
    const blocks = chain({ seed: 28, days: FALL_DAY + 3, factor: gone });
    expect(openings(follow(evidence, blocks, FALL_DAY - 2).said)).toMatchObject([{ region: "WE" }]);
    const told = createBlockEvidence(modelOf(pools));
    const { said, state } = follow(told, blocks, FALL_DAY - 2);
    expect(brief(said)).toEqual([]);
    const { rivals } = told.evaluate(state, blocks.at(-1)!.at);
    expect(rivals.reduce((best, rival) => (rival.score > best.score ? rival : best))).toMatchObject({
      kind: "operator",
      name: operator,
    });
  });
});

describe("the threshold", () => {
  it.each([
    [0.1, 1],
    [0.01, 10],
  ])("follows from the budget of %d false openings a month", (falseAlarmsPerMonth, odds) => {
    const usual = createBlockEvidence(modelOf()).threshold;
    const detection = { ...modelOf().detection, falseAlarmsPerMonth };
    expect(createBlockEvidence(modelOf(POOLS, { detection })).threshold - usual).toBeCloseTo(Math.log(odds), 9);
  });
});
