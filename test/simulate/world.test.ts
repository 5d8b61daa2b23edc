import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formatSampleLine, parseSampleLine } from "../../src/model/sample-line.ts";
import { labelsOf } from "../../src/simulate/labels.ts";
import { simulateTicks } from "../../src/simulate/samples.ts";
import { SCENARIOS, scenarioNamed } from "../../src/simulate/scenarios/registry.ts";
import { HASHES_PER_DIFFICULTY } from "../../src/simulate/world/chain.ts";
import { World } from "../../src/simulate/world/world.ts";

const HOUR_MS = 3_600_000;
const TICK_MS = 300_000;

function digest(name: string, seed: number, hours: number): string {
  const scenario = scenarioNamed(name);
  const hash = createHash("sha256");
  const range = { from: scenario.startsAt, to: scenario.startsAt + hours * HOUR_MS, intervalMs: TICK_MS };
  for (const tick of simulateTicks(scenario, seed, range)) {
    for (const sample of tick.samples) hash.update(`${formatSampleLine(sample)}\n`);
  }
  return hash.digest("hex");
}

describe("a simulated world", () => {
  it.each(SCENARIOS.map((scenario) => scenario.name))(
    "%s is the same for the same seed, another for another",
    (name) => {
      expect(digest(name, 7, 8)).toBe(digest(name, 7, 8));
      expect(digest(name, 7, 8)).not.toBe(digest(name, 8, 8));
      expect(labelsOf(scenarioNamed(name), 7)).toEqual(labelsOf(scenarioNamed(name), 7));
    },
  );

  it("shows a tick the same wherever the reading begins", () => {
    const scenario = scenarioNamed("kazakhstan-2022");
    const to = scenario.startsAt + 3 * HOUR_MS;
    const all = [...simulateTicks(scenario, 3, { from: scenario.startsAt, to, intervalMs: TICK_MS })];
    const late = [...simulateTicks(scenario, 3, { from: to - HOUR_MS, to, intervalMs: TICK_MS })];
    expect(all).toHaveLength(36);
    expect(late).toEqual(all.slice(-12));
  });

  it("says in every scenario whether it is a reconstruction, and from what", () => {
    for (const { label, sources, name } of SCENARIOS) {
      expect(label, name).toMatch(/^(RECONSTRUCTION|SYNTHETIC)/);
      expect(sources.length, name).toBeGreaterThan(0);
    }
  });

  it("writes lines that the reader of samples takes, each in the tick that it belongs to", () => {
    const scenario = scenarioNamed("calm");
    const range = { from: scenario.startsAt, to: scenario.startsAt + 12 * HOUR_MS, intervalMs: TICK_MS };
    for (const tick of simulateTicks(scenario, 2, range)) {
      for (const sample of tick.samples) {
        expect(parseSampleLine(formatSampleLine(sample))).toMatchObject({ ok: true });
        expect(sample.at).toBeGreaterThan(tick.at - TICK_MS);
        expect(sample.at).toBeLessThanOrEqual(tick.at);
      }
    }
  });

  it("leaves figures out now and then, and never shows one as zero", () => {
    const scenario = scenarioNamed("calm");
    const range = { from: scenario.startsAt, to: scenario.startsAt + 96 * HOUR_MS, intervalMs: TICK_MS };
    let ticks = 0;
    let rows = 0;
    for (const tick of simulateTicks(scenario, 1, range)) {
      ticks++;
      for (const sample of tick.samples) {
        if (sample.kind !== "rate" || sample.pool !== "antpool") continue;
        rows++;
        expect(sample.hashrate).toBeGreaterThan(0);
      }
    }
    expect(rows).toBeLessThan(ticks);
    expect(rows).toBeGreaterThan(ticks * 0.9);
  });
});

describe("the simulated chain", () => {
  it("goes on from the real height and difficulty, block after block, and retargets at the epoch's end", () => {
    const scenario = scenarioNamed("kazakhstan-2022");
    const world = new World(scenario, 5);
    let height = scenario.chain.nextHeight;
    let difficulty = scenario.chain.difficulty;
    let at = scenario.startsAt;
    const retargets: number[] = [];
    while (world.now < scenario.endsAt) {
      for (const block of world.step()) {
        expect(block.height).toBe(height++);
        expect(block.at).toBeGreaterThanOrEqual(at);
        at = block.at;
        if (block.difficulty !== difficulty) retargets.push(block.height);
        difficulty = block.difficulty;
      }
    }
    expect(retargets).toEqual([717_696]);
  });

  it("finds as many blocks as its hash rate and difficulty allow", () => {
    const scenario = scenarioNamed("calm");
    const world = new World(scenario, 11);
    let found = 0;
    let expected = 0;
    while (world.now < scenario.startsAt + 14 * 24 * HOUR_MS) {
      const hashrate = world.fleet.pools.reduce((sum, pool) => sum + world.trueHashrate(pool), 0);
      expected += (hashrate * 60) / (world.difficulty * HASHES_PER_DIFFICULTY);
      found += world.step().length;
    }
    // About 2,000 of them: five standard deviations of a Poisson count.
    expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
});
