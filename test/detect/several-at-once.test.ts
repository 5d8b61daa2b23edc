/** A region that falls while another is open, at intervals at which six hours are only twelve steps. */
import { describe, expect, it } from "vitest";
import type { RateSample } from "../../src/model/sample.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/model/time-units.ts";
import { seededRandom } from "../support/random.ts";
import { opened, regional, run } from "./run.ts";
import { detectorModelOf } from "./small-models.ts";

const STEP_MS = 30 * MINUTE_MS;
const START = Date.UTC(2026, 6, 1);
const FIRST = START + 40 * HOUR_MS;
const SEED = 5;

const WEIGHTS: Record<string, Record<string, number>> = {
  p0: { A: 0.18, B: 0.05, C: 0.39 },
  p1: { A: 0.26, B: 0.04, C: 0.32 },
  p2: { A: 0.05, B: 0.1, C: 0.43 },
  p3: { A: 0.37, B: 0.1, C: 0.27 },
  p4: { A: 0.03, B: 0.22, C: 0.23 },
  p5: { A: 0.11, B: 0.03, C: 0.6 },
  p6: { A: 0.08, B: 0.3, C: 0.2 },
  p7: { A: 0.28, B: 0.13, C: 0.22 },
};

const MODEL = detectorModelOf(WEIGHTS, { network: "sites", stepMs: STEP_MS, windowSeconds: 1800 });

/** Region A loses 85 %; region B loses 70 % so many hours later. Never when null. */
function* world(hoursBetween: number | null): Generator<{ at: number; rows: RateSample[] }> {
  const uniform = seededRandom(SEED);
  const draw = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const second = hoursBetween === null ? Number.POSITIVE_INFINITY : FIRST + hoursBetween * HOUR_MS;
  for (let at = START; at < FIRST + 9 * HOUR_MS; at += STEP_MS) {
    const left = { A: at > FIRST ? 0.15 : 1, B: at > second ? 0.3 : 1 };
    yield {
      at,
      rows: Object.entries(WEIGHTS).map(([pool, { A = 0, B = 0 }]) => ({
        kind: "rate",
        at,
        pool,
        hashrate: 1e18 * (1 - A * (1 - left.A) - B * (1 - left.B)) * Math.exp(0.008 * draw()),
      })),
    };
  }
}

describe(`a second region while the first is open, a tick every half hour, seed ${SEED}`, () => {
  it.each([2.5, 4])(
    "falls %f hours later: it is told within an hour, by its own name, and the first keeps its",
    (hours) => {
      const events = regional(run(MODEL, world(hours)).events);
      expect(opened(events).map(({ region }) => region)).toEqual(["A", "B"]);
      const told = opened(events)[1]!;
      expect((Date.parse(told.at) - FIRST - hours * HOUR_MS) / MINUTE_MS).toBeLessThanOrEqual(60);
      expect(events.filter(({ resolution }) => resolution === "reattributed" || resolution === "retracted")).toEqual(
        [],
      );
    },
  );

  it("does not fall: what is left of the first is no second", () => {
    expect(opened(run(MODEL, world(null)).events).map(({ region }) => region)).toEqual(["A"]);
  });
});
