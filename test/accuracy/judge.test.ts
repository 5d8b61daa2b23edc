import { describe, expect, it } from "vitest";
import { judge } from "./judge.ts";
import type { Fall, Statement } from "./statement.ts";

const HOUR = 3_600_000;
const FALL: Fall = { region: "KZ", start: 100 * HOUR, rampEnd: 101 * HOUR, end: 130 * HOUR };

/** A statement `hours` after the fall's first minute. */
function said(hours: number, region: string | null, more: Partial<Statement> = {}): Statement {
  return { id: "a", type: "opened", at: FALL.start + hours * HOUR, region, candidates: [], ...more };
}

const NOTHING = { named: 0, listed: 0, wrong: 0, false: 0, repeats: 0 };

describe("the judge", () => {
  it.each<[what: string, statements: Statement[], verdict: Partial<typeof NOTHING>]>([
    ["silence is a miss and nothing else", [], {}],
    ["the right region in time is found", [said(1, "KZ")], { named: 1 }],
    ["in the fall's first minute is in time", [said(0, "KZ")], { named: 1 }],
    ["six hours after the ramp is in time", [said(7, "KZ")], { named: 1 }],
    ["a minute later is too late, and no mistake", [said(7.02, "KZ")], { repeats: 1 }],
    ["before the fall is false, right region or not", [said(-0.1, "KZ")], { false: 1 }],
    ["another region during the fall is wrong", [said(1, "RU")], { wrong: 1 }],
    ["another region in its aftermath is wrong", [said(36, "RU")], { wrong: 1 }],
    ["the same region in its aftermath is a repeat", [said(36, "KZ")], { repeats: 1 }],
    ["after the aftermath is false", [said(36.1, "KZ")], { false: 1 }],
    [
      "an alert that is named later is found when it is named",
      [said(1, null), said(2, "KZ", { type: "updated" })],
      { named: 1 },
    ],
    [
      "an alert that is named wrongly later is wrong",
      [said(1, null), said(2, "RU", { type: "updated" })],
      { wrong: 1 },
    ],
    [
      "a region that is named at the end alone is not found",
      [said(1, null), said(2, "KZ", { type: "resolved" })],
      { repeats: 1 },
    ],
    [
      "the fall's region among the candidates is listed",
      [
        said(1, null, {
          candidates: [
            { region: "RU", probability: 0.6 },
            { region: "KZ", probability: 0.1 },
          ],
        }),
      ],
      { listed: 1, repeats: 1 },
    ],
    [
      "hardly any probability is not listed",
      [
        said(1, null, {
          candidates: [
            { region: "RU", probability: 0.91 },
            { region: "KZ", probability: 0.09 },
          ],
        }),
      ],
      { wrong: 1 },
    ],
    [
      "a list beside the right name counts once",
      [said(1, "KZ"), said(2, null, { id: "b", candidates: [{ region: "KZ", probability: 0.5 }] })],
      { named: 1, repeats: 1 },
    ],
    ["two alerts for one fall find it once", [said(1, "KZ"), said(2, "KZ", { id: "b" })], { named: 1, repeats: 1 }],
  ])("%s", (_, statements, verdict) => {
    expect(judge([FALL], statements)).toMatchObject({ ...NOTHING, ...verdict, falls: 1 });
  });

  it("measures the delay from the fall's first minute to the first statement that names it", () => {
    const { delays } = judge(
      [FALL],
      [said(3, "KZ", { id: "late" }), said(1, null), said(2, "KZ", { type: "updated" })],
    );
    expect(delays).toEqual([2 * HOUR]);
  });

  it("lets one alert find one fall only", () => {
    const second: Fall = { ...FALL, start: FALL.start + HOUR, rampEnd: FALL.rampEnd + HOUR };
    expect(judge([FALL, second], [said(2, "KZ")])).toMatchObject({ falls: 2, named: 1, wrong: 0, false: 0 });
  });

  it("counts everything that is said of a calm world as false", () => {
    expect(judge([], [said(1, "KZ"), said(2, null, { id: "b" })])).toMatchObject({ falls: 0, named: 0, false: 2 });
  });

  it.each([
    ["KZ", true],
    ["RU", false],
  ])("holds the most probable region at opening, %s, against the truth", (region, right) => {
    const candidates = [
      { region: "XX", probability: 0.1 },
      { region, probability: 0.85 },
    ];
    const later = said(2, "KZ", { type: "updated", candidates: [{ region: "KZ", probability: 1 }] });
    expect(judge([FALL], [said(1, region, { candidates }), later]).openings).toEqual([{ stated: 0.85, right }]);
  });
});
