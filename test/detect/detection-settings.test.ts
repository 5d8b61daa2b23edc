/** Every setting of detection that a configuration can turn changes what is said. The habit's are in daily-habit.test.ts. */
import { beforeAll, describe, expect, it } from "vitest";
import type { DetectionSettings, DetectorModel } from "../../src/detect/contract.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { DEFAULT_MARGIN, DEFAULT_PATIENCE_SECONDS } from "../../src/model/detection-defaults.ts";
import { regional, run } from "./run.ts";
import { type Fall, HOUR, modelOf, START, world } from "./world.ts";

const SEED = 72;
/** Quiet hours before each story; all stories begin alike. */
const QUIET = 40;
const FROM = 41;

let warm: Uint8Array;
beforeAll(() => {
  warm = run(modelOf(), world({ seed: SEED, days: QUIET / 24 })).bytes;
});

/** Kazakhstan is two regions of which the pools know the same, so nothing can tell which of them fell. */
const twins = (): DetectorModel => ({
  ...modelOf(),
  pools: modelOf().pools.map((pool) => ({
    ...pool,
    regions: pool.regions.flatMap(({ region, weight, sd }) =>
      region === "KZ"
        ? [
            { region: "KZ", weight: 0.75 * weight, sd: 0.75 * sd },
            { region: "UZ", weight: 0.25 * weight, sd: 0.25 * sd },
          ]
        : [{ region, weight, sd }],
    ),
  })),
});

/** What is said of a fall of Kazakhstan that begins an hour after the quiet, for some hours from its onset on. */
function said(
  fall: Omit<Fall, "region" | "from" | "until">,
  hours: number,
  settings: Partial<DetectionSettings>,
  model = modelOf(),
): AlertEvent[] {
  const falls = [{ region: "KZ", from: FROM, until: FROM + 99, ...fall }];
  const ticks = [...world({ seed: SEED, days: (FROM + hours) / 24, falls })];
  const story = ticks.filter(({ at }) => at > START + QUIET * HOUR);
  return regional(run({ ...model, detection: { ...model.detection, ...settings } }, story, { from: warm }).events);
}

/** Hours from the onset to the first event. */
const delay = (events: readonly AlertEvent[]): number => (Date.parse(events[0]?.at ?? "") - START) / HOUR - FROM;

describe("detection is turned by", () => {
  it("nameProbability: an alert names a region that is less sure", () => {
    const fall = { drop: 0.3 };
    expect(said(fall, 0.3, {}, twins())[0]).toMatchObject({ region: null, ambiguous: true });
    expect(said(fall, 0.3, { nameProbability: 0.5 }, twins())[0]).toMatchObject({ region: "KZ", ambiguous: false });
  });

  it("margin: a fall has to stand out further from everything else", () => {
    const fall = { drop: 0.3 };
    const usual = delay(said(fall, 1, {}));
    expect(delay(said(fall, 1, { margin: { ...DEFAULT_MARGIN, fast: 30 } }))).toBeGreaterThan(usual + 0.2);
  });

  it("patience: a fall without a name is told at once", () => {
    const fall = { drop: 0.1 };
    const usual = delay(said(fall, 0.5, {}, twins()));
    const patienceSeconds = { ...DEFAULT_PATIENCE_SECONDS, fast: 0 };
    expect(delay(said(fall, 0.5, { patienceSeconds }, twins()))).toBeLessThan(usual);
  });

  it("levelCheck: a slow fall waits until the levels show that part of it", () => {
    const fall = { drop: 0.11, rampMinutes: 120 };
    const usual = delay(said(fall, 2.9, {}));
    expect(delay(said(fall, 2.9, { levelCheck: 1 }))).toBeGreaterThan(usual + 0.4);
  });

  it("severity.raiseAfter: an alert that stays open is graver after that time", () => {
    const severity = { ...modelOf().detection.severity, criticalShare: 0.5 };
    const severities = (more: object): string[] =>
      said({ drop: 0.5 }, 0.4, { severity: { ...severity, ...more } }).map((event) => event.severity);
    expect(new Set(severities({}))).toEqual(new Set(["warning"]));
    expect(severities({ raiseAfterSeconds: 600 })).toEqual(["warning", "critical"]);
  });
});
