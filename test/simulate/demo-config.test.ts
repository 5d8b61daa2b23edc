import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { demoConfigPath, demoConfigText } from "../../src/simulate/demo-config.ts";
import { simulateTicks } from "../../src/simulate/samples.ts";
import { SCENARIOS, scenarioNamed } from "../../src/simulate/scenarios/registry.ts";
import { World } from "../../src/simulate/world/world.ts";

const URL = "http://127.0.0.1:4321";
const names = SCENARIOS.map(({ name }) => name);

function networkOf(scenario: string) {
  const config = parseConfig(demoConfigText(scenario, URL), { file: demoConfigPath(scenario), env: {} });
  expect(config.networks).toHaveLength(1);
  return config.networks[0]!;
}

describe("the configuration of a demo", () => {
  it.each(names)("%s: asks the simulator for everything, and nobody else", (name) => {
    const { sources } = networkOf(name);
    expect(sources.length).toBeGreaterThan(10);
    for (const source of sources) {
      expect(source.url, source.id).toMatch(/^http:\/\/127\.0\.0\.1:4321\/[a-z]/);
      expect(source.allowPrivate, source.id).toBe(true);
    }
  });

  it.each(names)("%s: reads the simulator through the adapters of real APIs, the generic ones among them", (name) => {
    const types = new Set(networkOf(name).sources.map(({ type }) => type));
    for (const type of ["mempool", "ckpool", "reported-json", "miningcore", "regions-map"])
      expect(types).toContain(type);
  });

  it.each(names)("%s: names sources and pools as the history does, every pool with a figure among them", (name) => {
    const scenario = scenarioNamed(name);
    const { sources, model } = networkOf(name);
    const ids = new Set(sources.map(({ id }) => id));
    const pools = new Set(model.pools.map(({ id }) => id));
    const seen = new Set<string>();
    const range = { from: scenario.startsAt, to: scenario.startsAt + 6 * 3_600_000, intervalMs: 300_000 };
    for (const { samples } of simulateTicks(scenario, 1, range)) {
      for (const sample of samples) {
        seen.add(sample.source ?? "none");
        if (sample.kind === "rate") expect(pools, sample.pool).toContain(sample.pool);
      }
    }
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  it.each(names)("%s: is told weights with a date and a stated uncertainty, and not the truth of the world", (name) => {
    const text = demoConfigText(name, URL);
    const scenario = scenarioNamed(name);
    const dates = [...text.matchAll(/asOf: (\d{4}-\d{2})/g)].map(([, date]) => Date.parse(`${date}-01T00:00:00Z`));
    expect(dates.length).toBeGreaterThan(20);
    expect(Math.max(...dates)).toBeLessThan(scenario.startsAt);
    const { model } = networkOf(name);
    const world = new World(scenario, 1);
    let differences = 0;
    for (const pool of model.pools) {
      const row = world.fleet.hashrate[world.fleet.pools.indexOf(pool.id)]!;
      const total = row.reduce((sum, value) => sum + value, 0);
      for (const { region, weight, sd } of pool.regions) {
        expect(sd, `${pool.id} ${region}`).toBeGreaterThan(0);
        const truth = (row[world.fleet.regions.indexOf(region)] ?? 0) / total;
        if (Math.abs(truth - weight) > 0.1 * weight) differences++;
      }
    }
    expect(differences).toBeGreaterThan(30);
  });

  it("refuses a scenario that there is not", () => {
    expect(() => demoConfigText("mars-2040", URL)).toThrow(/kazakhstan-2022, crackdown-2022, china-2021, calm/);
  });
});
