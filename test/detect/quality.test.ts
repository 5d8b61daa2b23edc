/** The quality gate and the verdicts that come from it: units, silence, pace, warmth. */
import { describe, expect, it } from "vitest";
import {
  admit,
  emptyGateRow,
  type GateRow,
  isOverdue,
  isStale,
  type Refusal,
  refusalOf,
  wasActive,
} from "../../src/detect/quality/gate.ts";
import { isWarm, networkWarmth, warmAtOf } from "../../src/detect/quality/warm-up.ts";
import type { RateSample } from "../../src/model/sample.ts";
import { HOUR, INTERVAL, MINUTE, START } from "./world.ts";

const DAY = 24 * HOUR;
const rate = (hashrate: number, extra: Partial<RateSample> = {}): RateSample => ({
  kind: "rate",
  at: START,
  pool: "a",
  hashrate,
  ...extra,
});

/** Figures that never repeat. */
const near = (level: number, k: number): number => level * (1 + 0.001 * Math.sin(k) + 1e-6 * k);

/** Says `count` figures of a level, one every `every` ms; returns what could be used of them. */
function say(gate: GateRow, from: number, count: number, level: number, every = INTERVAL): number[] {
  return Array.from({ length: count }, (_, k) => {
    const at = from + k * every;
    return admit(gate, rate(near(level, k), { at }), at, INTERVAL);
  }).filter((figure) => !Number.isNaN(figure));
}

describe("a unit", () => {
  it.each([
    ["a thousand", 1000, "unit"],
    ["a thousandth", 1e-3, "unit"],
    ["a million", 1e6, "unit"],
    ["a millionth", 1e-6, "unit"],
    ["a thousand and half of it at once", 500, "unit"],
    ["twice a thousand", 2000, "unit"],
    ["1024, as some count", 1024, "unit"],
    ["ten times: no unit, and held until it stands", 10, "step"],
    ["a twentieth: no unit, and held until it stands", 0.05, "step"],
  ] as const)("of %s is told from a level", (_, factor, refusal) => {
    const gate = emptyGateRow();
    say(gate, START, 20, 1e17);
    const at = START + 20 * INTERVAL;
    admit(gate, rate(1e17 * factor, { at }), at, INTERVAL);
    expect(gate.refusal).toBe(refusal);
  });

  it("that slips for hours and comes back leaves the level and the warmth as they were", () => {
    const gate = emptyGateRow();
    say(gate, START, 400, 1e19);
    expect(say(gate, START + 400 * INTERVAL, 60, 1e22)).toEqual([]);
    const back = START + 460 * INTERVAL;
    expect(say(gate, back, 3, 1e19)).toHaveLength(3);
    expect(isWarm(gate, back)).toBe(true);
    expect(gate.firstAt).toBe(START);
  });

  it.each([
    [5 * MINUTE, 1e3],
    [5 * MINUTE, 1e-3],
    [2 * HOUR, 1e3],
  ])(
    "that a row said every %i ms changes for good by %d is its unit after a day, and the row begins anew",
    (every, by) => {
      const gate = emptyGateRow();
      const days = 3;
      say(gate, START, (days * DAY) / every, 1e19, every);
      const from = START + days * DAY;
      const used = say(gate, from, (2 * DAY) / every, 1e19 * by, every);
      expect(used.length * every).toBe(DAY);
      expect(gate.firstAt).toBe(from + DAY);
      expect(gate.level / (1e19 * by)).toBeCloseTo(1, 2);
    },
  );

  it("of a first figure that slipped does not shut out the right ones", () => {
    const gate = emptyGateRow();
    say(gate, START, 1, 1e16);
    expect(say(gate, START + INTERVAL, 10, 1e19)).toHaveLength(8);
    expect(gate.level / 1e19).toBeCloseTo(1, 2);
  });

  it("must be one: figures that jump between units agree on none", () => {
    const gate = emptyGateRow();
    say(gate, START, 3 * 288, 1e19);
    const from = START + 3 * DAY;
    const used = Array.from({ length: 600 }, (_, k) => {
      const at = from + k * INTERVAL;
      return admit(gate, rate(near(k % 2 === 0 ? 1e22 : 1e16, k), { at }), at, INTERVAL);
    });
    expect(used.every(Number.isNaN)).toBe(true);
  });
});

describe("time and repetition", () => {
  const at = START + 10 * INTERVAL;
  it.each<[string, Partial<RateSample>, Refusal | null]>([
    ["a row's time after its tick", { at: at + 1 }, "future"],
    ["upstream's time an interval ahead: clocks differ", { observedAt: at + INTERVAL }, null],
    ["upstream's time further ahead", { observedAt: at + INTERVAL + 1 }, "future"],
    ["upstream's time before the one it said last", { observedAt: at - INTERVAL - 1 }, "backward"],
    ["upstream's time as it was, another figure", { observedAt: at - INTERVAL }, null],
  ])("%s", (_, extra, refusal) => {
    const gate = emptyGateRow();
    admit(gate, rate(1e19, { at: at - INTERVAL, observedAt: at - INTERVAL }), at - INTERVAL, INTERVAL);
    expect(refusalOf(gate, rate(1.01e19, { at, ...extra }), at, INTERVAL)).toBe(refusal);
  });

  it("a figure said again with the same upstream time is stale at once, and fresh with a new time", () => {
    const gate = emptyGateRow();
    const first = { observedAt: START };
    expect(admit(gate, rate(1e19, first), START, INTERVAL)).toBe(1e19);
    expect(admit(gate, rate(1e19, first), START + INTERVAL, INTERVAL)).toBeNaN();
    expect(gate.refusal).toBe("stale");
    expect(admit(gate, rate(1.01e19, { observedAt: START + INTERVAL }), START + 2 * INTERVAL, INTERVAL)).toBe(1.01e19);
  });

  it("a figure that stays while upstream's time moves on is frozen like one without a time", () => {
    for (const timed of [true, false]) {
      const gate = emptyGateRow();
      say(gate, START, 300, 1e19);
      const reasons = Array.from({ length: 8 }, (_, k) => {
        const now = START + (300 + k) * INTERVAL;
        admit(gate, rate(9e18, timed ? { at: now, observedAt: now } : { at: now }), now, INTERVAL);
        return gate.refusal;
      });
      expect(reasons[0]).toBeNull();
      expect(reasons.at(-1)).toBe("stale");
      expect(gate.frozen).toBe(true);
    }
  });
});

describe("silence, at a row's own pace", () => {
  it.each([
    [5 * MINUTE, HOUR],
    [30 * MINUTE, 1.5 * HOUR],
    [2 * HOUR, 6 * HOUR],
  ])("a row that speaks every %i ms is stale after %i ms", (every, after) => {
    const gate = emptyGateRow();
    say(gate, START, 12, 1e19, every);
    const last = START + 11 * every;
    expect(isStale(gate, last + after - 1)).toBe(false);
    expect(isStale(gate, last + after)).toBe(true);
  });

  it("a row is overdue after two of its pauses, and takes part only once its pace is known", () => {
    const gate = emptyGateRow();
    say(gate, START, 3, 1e19, 30 * MINUTE);
    const last = START + 60 * MINUTE;
    expect(wasActive(gate, last, last)).toBe(false);
    say(gate, last + 30 * MINUTE, 1, 1.01e19);
    const now = last + 30 * MINUTE;
    expect(wasActive(gate, now, now)).toBe(true);
    expect(isOverdue(gate, now + 55 * MINUTE, INTERVAL)).toBe(false);
    expect(isOverdue(gate, now + 60 * MINUTE, INTERVAL)).toBe(true);
  });

  it("one long gap does not change a pace that is known", () => {
    const gate = emptyGateRow();
    say(gate, START, 100, 1e19);
    say(gate, START + 30 * HOUR, 1, 1.01e19);
    expect(gate.pauseMs).toBeLessThan(6 * MINUTE);
  });

  it("a source that never said anything of use is stale as well", () => {
    const gate = emptyGateRow();
    for (let k = 0; k < 12; k++) admit(gate, rate(0), START + k * INTERVAL, INTERVAL);
    expect(isStale(gate, START + 12 * INTERVAL)).toBe(true);
  });
});

describe("warming up", () => {
  it("takes a day of figures: a silence in between is not counted, and what is warm stays warm", () => {
    const gate = emptyGateRow();
    say(gate, START, 144, 1e19);
    const stopped = START + 143 * INTERVAL;
    expect(warmAtOf(gate, stopped)).toBe(START + DAY);
    expect(isWarm(gate, START + 30 * HOUR)).toBe(false);
    const back = stopped + 20 * HOUR;
    say(gate, back, 288, 1e19);
    expect(gate.firstAt).toBe(START + 20 * HOUR);
    expect(isWarm(gate, START + 44 * HOUR - 1)).toBe(false);
    expect(isWarm(gate, START + 44 * HOUR)).toBe(true);
    say(gate, back + 288 * INTERVAL, 200, 1e19);
    expect(isWarm(gate, START + 400 * HOUR)).toBe(true);
  });

  it("a pause of a source that speaks every two hours is no silence", () => {
    const gate = emptyGateRow();
    say(gate, START, 13, 1e19, 2 * HOUR);
    expect(isWarm(gate, START + DAY)).toBe(true);
  });

  const warm = { ...emptyGateRow(), firstAt: START, acceptedAt: START + 2 * DAY };
  const cold = { ...emptyGateRow(), firstAt: START + 1.5 * DAY, acceptedAt: START + 2 * DAY };
  const never = emptyGateRow();
  it.each([
    ["nobody has spoken", [["a", null, never]], false, undefined],
    [
      "half of those who speak are warm",
      [
        ["a", null, warm],
        ["b", null, cold],
      ],
      true,
      2,
    ],
    [
      "fewer are",
      [
        ["a", null, warm],
        ["b", null, cold],
        ["c", null, cold],
      ],
      false,
      2.5,
    ],
    [
      "the silent ones are not asked",
      [
        ["a", null, warm],
        ["b", null, never],
        ["c", null, never],
      ],
      true,
      2,
    ],
    [
      "only figures for regions are said",
      [
        ["a", null, never],
        ["a", "KZ", warm],
      ],
      true,
      2,
    ],
    [
      "a figure for a region is new beside a warm one",
      [
        ["a", null, warm],
        ["a", "KZ", cold],
        ["a", "US", cold],
      ],
      true,
      2,
    ],
  ] as const)("of a network, when %s", (_, rows, isSo, warmDay) => {
    const state = {
      at: START + 2 * DAY,
      rows: rows.map(([pool, region]) => ({ pool, region })),
      gate: rows.map(([, , gate]) => ({ ...gate })),
    };
    const found = networkWarmth(state);
    expect(found.warm).toBe(isSo);
    expect(found.warmAt).toBe(warmDay === undefined ? undefined : START + warmDay * DAY);
  });
});
