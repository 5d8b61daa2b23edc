import { describe, expect, it } from "vitest";
import type { RateSample } from "../../src/model/sample.ts";
import { opened, run } from "./run.ts";
import { HOUR, modelOf, START, type WorldTick, world } from "./world.ts";

const FROM = 36;

/** The part of a fall of `depth` that is there at an hour: it grows over `minutes`. */
const left = (hour: number, depth: number, minutes: number): number =>
  1 - depth * Math.max(0, Math.min(1, (60 * (hour - FROM)) / minutes));

/** The figures themselves fall, whatever window they are the mean of: whoever gathers them erred. */
function* straight(ticks: Iterable<WorldTick>, depth: number, minutes: number): Generator<WorldTick> {
  for (const { at, rows } of ticks) {
    const factor = left((at - START) / HOUR, depth, minutes);
    yield { at, rows: rows.map((row): RateSample => ({ ...row, hashrate: row.hashrate * factor })) };
  }
}

interface Case {
  readonly seed: number;
  readonly depth: number;
  readonly minutes: number;
  readonly how: "in the figures" | "through the windows";
}

const CASES: readonly Case[] = [
  { seed: 81, depth: 0.2, minutes: 10, how: "in the figures" },
  { seed: 82, depth: 0.4, minutes: 5, how: "in the figures" },
  { seed: 83, depth: 0.4, minutes: 10, how: "through the windows" },
  { seed: 84, depth: 0.15, minutes: 30, how: "through the windows" },
  { seed: 85, depth: 0.3, minutes: 45, how: "through the windows" },
];

describe("when everything falls alike", () => {
  it.each(CASES)(
    "by $depth within $minutes minutes, $how, it is the network's fall and no region's (seed $seed)",
    (one) => {
      const { seed, depth, minutes, how } = one;
      const wide = (hour: number): number => left(hour, depth, minutes);
      const ticks =
        how === "in the figures"
          ? straight(world({ seed, days: 1.7 }), depth, minutes)
          : world({ seed, days: 1.7, wide });
      const { events } = run(modelOf(), ticks);
      expect(opened(events)).toEqual([]);
      const told = events.filter((event) => event.scope === "network" && event.type !== "resolved");
      const [first] = told;
      const minutesAfter = (time: string | undefined): number => (Date.parse(time!) - START) / 60_000 - 60 * FROM;
      expect(minutesAfter(first?.at)).toBeLessThanOrEqual(30);
      expect(Math.abs(minutesAfter(first?.startedAt))).toBeLessThanOrEqual(15);
      const share = told.at(-1)!.lost!.networkShare / depth;
      expect(share).toBeGreaterThan(0.75);
      expect(share).toBeLessThan(1.25);
    },
  );
});
