import { beforeAll, describe, expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import { logSum } from "../../src/detect/hypotheses/likelihood.ts";
import { posterior } from "../../src/detect/hypotheses/posterior.ts";
import { compile } from "../../src/detect/network-model.ts";
import { scalePriors } from "../../src/detect/search/evaluate.ts";
import { screen, screenReach } from "../../src/detect/search/screen.ts";
import { chooseShortlist } from "../../src/detect/search/shortlist.ts";
import { statisticsOf } from "../../src/detect/statistics/subtract-falls.ts";
import { HOUR, modelOf, START, type WorldOptions, world } from "./world.ts";

interface Summed {
  /** Log statistic of all onsets and ramps. */
  readonly every: number;
  /** Of those on the shortlist. */
  readonly looked: number;
  /** What the screening says that `every` is at most. */
  readonly most: number;
}

/** Log statistics of every tenth tick from hour `from` on. */
function statisticsOverTime(options: WorldOptions, from: number): Summed[] {
  const model = modelOf();
  const detector = createDetector(model);
  const compiled = compile(model);
  let state = detector.initial();
  const found: Summed[] = [];
  for (const tick of world(options)) {
    state = detector.advance(state, tick).state;
    const hours = (tick.at - START) / HOUR;
    if (hours < from || Math.round(hours * 12) % 10 !== 0) continue;
    const { spec } = compiled.fast;
    const { score } = compiled.layout(state.rows);
    const statistics = statisticsOf(state.fast, spec);
    const onsets = Array.from({ length: statistics.slots }, (_, s) => s);
    const seen = screen(score, statistics, [...spec.rampSeconds.keys()], onsets);
    const priors = scalePriors(compiled.fast, state.fast, score);
    const { onsetSteps } = priors;
    const other = null;
    const all = Array.from({ length: statistics.slots * statistics.ramps }, (_, k) => k);
    const regions = [...score.regions.keys()];
    const shortlist = chooseShortlist(
      { model: score, statistics, screened: seen, rampPrior: spec.rampPrior, onsetSteps, prior: spec },
      "full",
    );
    // One by one: a sum stops where the next terms add little.
    const alone = all.map((k) =>
      posterior({ model: score, statistics, priors, other, shortlist: { regions, regional: [k], networkWide: [k] } }),
    );
    const totals = logSum(alone.map((one) => one.total));
    const wides = logSum(alone.map((one) => one.network.score));
    const { total, network } = posterior({ model: score, statistics, priors, other, shortlist });
    found.push({
      every: Math.max(totals, wides),
      looked: totals > wides ? total : network.score,
      most: screenReach(seen, onsetSteps, spec.rampPrior, priors.region),
    });
  }
  return found;
}

describe("what is summed", () => {
  const worlds: readonly [string, number, Partial<WorldOptions>][] = [
    ["a blackout", 61, { falls: [{ region: "KZ", drop: 0.8, from: 30, until: 36, rampMinutes: 20 }] }],
    ["a slow fall", 62, { falls: [{ region: "US", drop: 0.4, from: 30, until: 38, rampMinutes: 180 }] }],
    ["a dip of everything", 63, { wide: (h) => (h > 30 && h < 34 ? 1 - 0.1 * Math.sin((Math.PI * (h - 30)) / 4) : 1) }],
    ["a pool's outage", 64, { trouble: (id, h) => (id === "bravo" && h > 30 && h < 35 ? 0.3 : 1) }],
    ["nothing", 65, {}],
  ];
  let summed: readonly Summed[][];
  beforeAll(() => {
    summed = worlds.map(([, seed, options]) => statisticsOverTime({ seed, days: 1.6, ...options }, 30));
  });
  const sumsOf = (seed: number): Summed[] => summed[worlds.findIndex(([, each]) => each === seed)]!;

  it("is worth a look only where something happens", () => {
    const most = summed.map((found) => Math.max(...found.map(({ every }) => every)));
    for (const statistic of most.slice(0, 3)) expect(statistic).toBeGreaterThan(20);
    for (const statistic of most.slice(3)) expect(statistic).toBeLessThan(5);
  });

  it.each(worlds)("comes near to the sum over everything, in %s (seed %d)", (_, seed) => {
    const found = sumsOf(seed);
    expect(found.length).toBeGreaterThan(8);
    for (const { every, looked } of found) {
      expect(looked).toBeLessThanOrEqual(every + 1e-6);
      // The likeliest tenth of all onsets and ramps hold all but a part of it; what is far under any threshold may lack more.
      if (every > 5) expect(every - looked).toBeLessThan(1);
    }
  });

  it.each(worlds)("is never more than the cheap look says it can be, in %s (seed %d)", (_, seed) => {
    for (const { every, most } of sumsOf(seed)) expect(every).toBeLessThan(most);
  });
});
