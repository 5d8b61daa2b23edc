/** A region that is switched off at the same hour day after day. */
import { describe, expect, it } from "vitest";
import { dailyHabit, type Episode, withEpisode } from "../../src/detect/state/episodes.ts";
import { opened, run } from "./run.ts";
import { HOUR, modelOf, START, world } from "./world.ts";

const DAY = 24 * HOUR;
const NOW = START + 20 * DAY + 14 * HOUR;
const ago = (days: number, late = 0, lasted = 4 * HOUR, region = "US"): Episode => ({
  region,
  startedAt: NOW - days * DAY + late,
  endedAt: NOW - days * DAY + late + lasted,
});

describe("a daily habit", () => {
  it.each([
    ["two days at this hour", [ago(1), ago(2)], 2],
    ["a working week", [ago(1), ago(2), ago(3), ago(6), ago(7)], 5],
    ["about this hour", [ago(1, HOUR), ago(3, -HOUR)], 2],
    ["one day alone", [ago(1)], null],
    ["twice on one day", [ago(1), ago(1, HOUR)], null],
    ["other hours", [ago(1, 5 * HOUR), ago(2, -4 * HOUR)], null],
    ["falls that lasted for days", [ago(1), ago(2, 0, 30 * HOUR)], null],
    ["another region", [ago(1), ago(2, 0, 4 * HOUR, "KZ")], null],
    ["what is long ago", [ago(1), ago(9)], null],
    ["what is yet to come", [ago(1), ago(-1)], null],
  ])("%s", (_, episodes, days) => {
    expect(dailyHabit(episodes, "US", NOW)).toBe(days);
  });

  it("is remembered for eight days, and never more than so much", () => {
    let episodes: Episode[] = [];
    for (let k = 0; k < 400; k++) {
      const startedAt = START + k * 2 * HOUR;
      episodes = withEpisode(episodes, { region: "US", startedAt, endedAt: startedAt + HOUR });
    }
    expect(episodes.length).toBeLessThanOrEqual(64);
    const oldest = Math.min(...episodes.map((entry) => entry.startedAt));
    expect(START + 399 * 2 * HOUR + HOUR - oldest).toBeLessThanOrEqual(8 * DAY);
  });

  it("is told as the cause of a fall that is more than the habit, through encoded states too", () => {
    const falls = [2, 3, 4, 5].map((day) => ({
      region: "US",
      drop: day === 5 ? 0.8 : 0.3,
      from: 24 * day + 13,
      until: 24 * day + 17,
    }));
    const { events } = run(modelOf(), world({ seed: 51, days: 5.65, falls, weightError: 0.05 }), {
      throughBytes: true,
    });
    const said = opened(events);
    // The third of its kind is withheld, and counts.
    expect(said.map((event) => event.region)).toEqual(["US", "US", "US"]);
    expect(said.map((event) => event.cause?.hint)).toEqual([undefined, undefined, "curtailment"]);
    expect(said[2]!.cause!.why).toBe("US fell at about this hour on 3 of the last 8 days, and came back each time");
  });
});
