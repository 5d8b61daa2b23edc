import { beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { createDetector } from "../../src/detect/detector.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { demoConfigPath, demoConfigText } from "../../src/simulate/demo-config.ts";
import { simulateTicks } from "../../src/simulate/samples.ts";
import { scenarioNamed } from "../../src/simulate/scenarios/registry.ts";

const HOUR_MS = 3_600_000;
const SHUTDOWN = Date.parse("2022-01-05T10:30:00Z");

/** What the demo says until `to`: two days filled in, then live, with the shipped weights. */
function told(seed: number, to: number): AlertEvent[] {
  const scenario = scenarioNamed("kazakhstan-2022");
  const text = demoConfigText(scenario.name, "http://127.0.0.1:1");
  const { model } = parseConfig(text, { file: demoConfigPath(scenario.name), env: {} }).networks[0]!;
  const detector = createDetector(model);
  let state = detector.initial();
  const events: AlertEvent[] = [];
  const range = { from: scenario.servesFrom - 48 * HOUR_MS, to, intervalMs: 300_000 };
  for (const { at, samples } of simulateTicks(scenario, seed, range)) {
    const rows = at <= scenario.servesFrom ? samples.map((sample) => ({ ...sample, backfilled: true })) : samples;
    const result = detector.advance(state, { at, rows });
    state = result.state;
    events.push(...result.events);
  }
  return events;
}

describe("the demo's story", () => {
  /** Both tests ask for the first seed's week. */
  let week: readonly AlertEvent[];
  beforeAll(() => {
    week = told(1, Date.parse("2022-01-12T00:00:00Z"));
  });

  it.each([1, 2])("seed %i: Kazakhstan is named within half an hour, and no region before it fell", (seed) => {
    const until = SHUTDOWN + HOUR_MS / 2;
    const events = seed === 1 ? week.filter(({ at }) => Date.parse(at) <= until) : told(seed, until);
    const regional = events.filter(({ scope }) => scope === "region");
    const said = regional.map(({ type, region, at }) => `${at} ${type} ${region}`).join("; ");
    expect(
      regional.filter(({ at }) => Date.parse(at) <= SHUTDOWN),
      `seed ${seed}: ${said}`,
    ).toEqual([]);
    expect(
      regional.some(({ region }) => region === "KZ"),
      `seed ${seed}: ${said}`,
    ).toBe(true);
  });

  it("ends with the return of Kazakhstan: nothing regional opens in the days after it", () => {
    const regional = week.filter(({ scope }) => scope === "region");
    const ends = regional
      .filter(({ type }) => type === "resolved")
      .map(({ region, resolution }) => ({ region, resolution }));
    expect(ends).toContainEqual({ region: "KZ", resolution: "recovered" });
    const opened = regional.filter(({ type, at }) => type === "opened" && at >= "2022-01-10");
    expect(opened.map(({ region, at }) => `${at} ${region}`)).toEqual([]);
  });
});
