/** One figure that no past makes possible costs itself alone; what stands, or what others confirm, is taken. */
import { describe, expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import { admit, emptyGateRow, type GateRow, type Surroundings } from "../../src/detect/quality/gate.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import type { RateSample, Sample } from "../../src/model/sample.ts";
import { HOUR, INTERVAL, modelOf, START, world } from "./world.ts";

const near = (level: number, k: number): number => level * (1 + 0.003 * Math.sin(1.7 * k) + 1e-6 * k);

/** A row that has said `level` for two days. */
function known(level = 1e19): { gate: GateRow; at: number } {
  const gate = emptyGateRow();
  let at = START;
  for (let k = 0; k < 576; k++, at += INTERVAL) admit(gate, sample(near(level, k), at), at, INTERVAL);
  return { gate, at };
}

function sample(hashrate: number, at: number): RateSample {
  return { kind: "rate", at, pool: "a", hashrate };
}

/** Says the same level (never the same figure) until it is taken; minutes that took, or null within the limit. */
function minutesUntilTaken(level: number, around?: Partial<Surroundings>, limitHours = 30): number | null {
  const { gate, at } = known();
  for (let k = 0; k * INTERVAL <= limitHours * HOUR; k++) {
    const now = at + k * INTERVAL;
    const all = { most: Number.POSITIVE_INFINITY, mayVanish: false, agreed: false, ...around };
    const figure = level === 0 ? 0 : near(level, k);
    if (!Number.isNaN(admit(gate, sample(figure, now), now, INTERVAL, all))) return (k * INTERVAL) / 60_000;
  }
  return null;
}

describe("a level that stands is taken", () => {
  it.each([
    ["a fall of a tenth, at once", 0.9, {}, 0],
    ["a rise of a tenth, at once", 1.1, {}, 0],
    ["a fall to a half, with the next figure", 0.5, {}, 5],
    ["a fall to a hundredth, with the next figure", 0.01, {}, 5],
    ["a pool that doubles, with the next figure", 2, {}, 5],
    ["a pool that triples, as others merge into it, with the next figure", 3, {}, 5],
    ["a fall to a half that another pool shares, at once", 0.5, { agreed: true }, 0],
    ["a rise beyond any merger, after six hours", 20, {}, 360],
    ["a rise beyond any merger that another pool shares, no sooner", 20, { agreed: true }, 360],
    ["a fall to almost nothing, after an hour", 1e-4, {}, 60],
    ["a fall to nothing of one region beside living ones, with the next figure", 0, { mayVanish: true }, 5],
    ["a zero that nothing else makes possible, never", 0, {}, null],
    ["more than a region's pool has, never", 3, { most: 2e19 }, null],
    ["more than any network computes, never", 1e12, {}, null],
  ] as const)("%s", (_, factor, around, minutes) => {
    expect(minutesUntilTaken(1e19 * factor, around)).toBe(minutes);
  });

  it("and its end is taken as soon", () => {
    const { gate, at } = known();
    const said = [0.3, 0.3, 0.3, 1, 1, 1].map((part, k) => {
      const now = at + k * INTERVAL;
      return Number.isNaN(admit(gate, sample(near(1e19 * part, k), now), now, INTERVAL));
    });
    expect(said).toEqual([true, false, false, true, false, false]);
  });

  it("but figures that agree on nothing are never a level", () => {
    const { gate, at } = known();
    const said = [3, 0.2, 40, 0.1, 5, 0.3].map((part, k) => {
      const now = at + k * INTERVAL;
      admit(gate, sample(1e19 * part, now), now, INTERVAL);
      return gate.refusal;
    });
    expect(said).toEqual(said.map(() => "step"));
  });
});

describe("one absurd figure of any row", () => {
  const FACTORS = [1e-12, 1e-6, 1e-3, 0.01, 0.1, 0.5, 2, 10, 100, 1e3, 1e4, 2.2e4, 1e5, 1e9, 1e30, 1e200, 1e308, 0, -1];
  const fallAt = START + 30 * HOUR;
  const model = modelOf();
  const detector = createDetector(model);
  const falls = [{ region: "KZ", drop: 0.8, from: 30, until: 90 }];
  const history = [...world({ seed: 12, days: 30.75 / 24, falls })];
  const key = (row: Sample): string => (row.kind === "rate" ? `${row.pool} ${row.region ?? ""}` : "");
  const told = (events: readonly AlertEvent[]): string[] =>
    events.filter((event) => event.type === "opened").map((event) => `${event.at} ${event.scope} ${event.region}`);

  it.each([
    ["half an hour before a fall", -HOUR / 2],
    ["as it begins", INTERVAL],
  ])(
    "%s leaves the alerts as they are without that row",
    (_, offset) => {
      const from = history.findIndex((tick) => tick.at === fallAt + offset);
      let state = detector.initial();
      for (const tick of history.slice(0, from)) state = detector.advance(state, tick).state;
      const bytes = detector.encode(state);
      const rest = (edit: (row: Sample) => Sample[]): string[] => {
        let now = detector.decode(bytes);
        const events: AlertEvent[] = [];
        history.slice(from).forEach((tick, k) => {
          const done = detector.advance(now, k === 0 ? { at: tick.at, rows: tick.rows.flatMap(edit) } : tick);
          now = done.state;
          events.push(...done.events);
        });
        for (const event of events) {
          expect(JSON.stringify([event.lost, event.drop, event.evidence])).not.toContain("null");
        }
        return told(events);
      };
      const clean = rest((row) => [row]);
      expect(clean.join()).toContain("region KZ");
      for (const [k, row] of history[from]!.rows.entries()) {
        const without = rest((each) => (key(each) === key(row) ? [] : [each]));
        // Every row meets some factors, and five rows in a row meet all.
        for (const factor of FACTORS.filter((_each, f) => f % 5 === k % 5)) {
          const got = rest((each) => {
            if (each.kind !== "rate" || key(each) !== key(row)) return [each];
            return [{ ...each, hashrate: Math.min(Number.MAX_VALUE, each.hashrate * factor) }];
          });
          expect([without, clean], `${key(row)} x ${factor}`).toContainEqual(got);
        }
      }
    },
    120_000,
  );
});
