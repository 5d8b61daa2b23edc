/** A large region that sells its power back every afternoon: told on the first days, no news from then on. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Detector } from "../../src/detect/contract.ts";
import { createDetector } from "../../src/detect/detector.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { type DailyHabit, DEFAULT_DAILY_HABIT } from "../../src/model/detection-defaults.ts";
import type { RegionEstimate } from "../../src/model/view.ts";
import { opened } from "./run.ts";
import { type Fall, HOUR, modelOf, START, type WorldTick, world } from "./world.ts";

/** The hour of the day at which it begins. */
const FROM = 13;
/** What the region has left, by hours since it began; day counts from 0. */
type Afternoon = (hours: number, day: number) => number;

const step =
  (drop: number): Afternoon =>
  (hours) =>
    hours < 4 ? 1 - drop : 1;
const halfSine =
  (drop: number): Afternoon =>
  (hours) =>
    hours < 6 ? 1 - drop * Math.sin((Math.PI * hours) / 6) : 1;

/** Days before the last one. */
const BEFORE = 4;
const LAST = 24 * BEFORE;

/** Days of a region with a third of the network that does so every day, and what else happens. */
function days(
  seed: number,
  afternoon: Afternoon,
  falls: readonly Fall[] = [],
  count = BEFORE + 1,
): Generator<WorldTick> {
  const regional = (region: string, hour: number): number => {
    const since = (hour % 24) - FROM;
    return region === "US" && since >= 0 ? afternoon(since, Math.floor(hour / 24)) : 1;
  };
  return world({ seed, days: count, falls, regional });
}

interface Went {
  readonly events: AlertEvent[];
  readonly bytes: Uint8Array;
  /** What was believed of the region every hour. */
  readonly hourly: (RegionEstimate & { readonly hour: number })[];
}

/** Runs hours [from, until) of a world, on the state of an earlier run. */
function go(ticks: Iterable<WorldTick>, from: number, until: number, before?: Uint8Array, model = modelOf()): Went {
  const detector = createDetector(model) as unknown as Detector<unknown>;
  let state = before ? detector.decode(before) : detector.initial();
  const events: AlertEvent[] = [];
  const hourly: Went["hourly"] = [];
  for (const tick of ticks) {
    const hour = (tick.at - START) / HOUR;
    if (hour <= from || hour > until) continue;
    const done = detector.advance(state, tick);
    state = done.state;
    events.push(...done.events);
    if (hour % 1 === 0) hourly.push({ hour, ...done.view.regions.find(({ region }) => region === "US")! });
  }
  return { events, bytes: detector.encode(state), hourly };
}

const hourOf = (event: AlertEvent): number => (Date.parse(event.at) - START) / HOUR;

describe.each([
  ["a fifth for four hours", 62, step(0.2)],
  ["a fifth at the deepest of six hours", 64, halfSine(0.2)],
] as const)("%s, day after day, seed %i", (_, seed, afternoon) => {
  let before: Went;
  /** What opens until some hours after the usual beginning on the last day, on which something is as it never was. */
  const last = (hours: number, other: Afternoon, ...falls: Fall[]): AlertEvent[] => {
    const ticks = days(seed, (since, day) => (day === BEFORE ? other : afternoon)(since, day), falls);
    return opened(go(ticks, LAST, LAST + FROM + hours, before.bytes).events);
  };

  beforeAll(() => {
    before = go(days(seed, afternoon), 0, LAST);
  });

  it("is told on the first days, and no more", () => {
    const told = opened(before.events).map((event) => Math.floor(hourOf(event) / 24));
    expect(told).toContain(1);
    expect(told.filter((day) => day >= 3)).toEqual([]);
  });

  it("is what the region is believed to have less of", () => {
    const deepest = before.hourly.filter(({ hour }) => hour % 24 === FROM + 3).at(-1)!;
    expect(deepest.drop).toBeGreaterThan(0.08);
    expect(before.hourly.at(-1)!.drop).toBeLessThan(0.02);
  });

  it("is told at once when it is a blackout", () => {
    const [first] = last(0.5, afternoon, { region: "US", drop: 0.6, from: LAST + FROM + 0.1, until: LAST + 24 });
    expect(first).toMatchObject({ region: "US" });
  });

  it("hides no other region that falls meanwhile", () => {
    const [first] = last(1.5, afternoon, { region: "KZ", drop: 0.6, from: LAST + FROM + 1, until: LAST + 24 });
    expect(first).toMatchObject({ region: "KZ" });
  });

  it("is told when it is twice as deep as ever", () => {
    const [first] = last(3, (hours, day) => 1 - 2 * (1 - afternoon(hours, day)));
    expect(first).toMatchObject({ region: "US" });
  });

  it("is told with its own onset when it does not end", () => {
    const [first] = last(7, (hours) => afternoon(Math.min(hours, 3), BEFORE));
    expect(first).toMatchObject({ region: "US" });
    expect((Date.parse(first!.startedAt) - START) / HOUR - LAST - FROM).toBeLessThan(1);
  });

  it("is told at once when it comes at another hour", () => {
    const regional = (region: string, hour: number): number => {
      const since = (hour % 24) - (hour < LAST ? FROM : FROM - 7);
      return region === "US" && since >= 0 ? afternoon(since, 0) : 1;
    };
    const ticks = world({ seed, days: BEFORE + 1, regional });
    const [first] = opened(go(ticks, LAST, LAST + FROM - 7 + 1.5, before.bytes).events);
    expect(first).toMatchObject({ region: "US" });
  });
});

describe("a fifth for four hours on working days, seed 72", () => {
  const MONDAY = 6;
  const weekend: readonly number[] = [4, 5];
  const ticks = () => days(72, (hours, day) => (weekend.includes(day) ? 1 : step(0.2)(hours, day)), [], MONDAY + 1);
  let before: Went;
  beforeAll(() => {
    before = go(ticks(), 0, 24 * MONDAY);
  });
  /** What opens on the first day of the week after, when a habit is what the configuration says. */
  const monday = (habit: Partial<DailyHabit>): AlertEvent[] => {
    const dailyHabit = { ...DEFAULT_DAILY_HABIT, ...habit };
    const model = modelOf(undefined, { detection: { ...modelOf().detection, dailyHabit } });
    return opened(go(ticks(), 24 * MONDAY, 24 * MONDAY + FROM + 4, before.bytes, model).events);
  };

  it("is no news on the first day of the week after", () => {
    const told = opened(before.events).map((event) => Math.floor(hourOf(event) / 24));
    expect(told).toContain(1);
    expect([...told.filter((day) => day >= 3), ...monday({})]).toEqual([]);
  });

  it.each<[string, Partial<DailyHabit>]>([
    ["four days make no habit yet", { ofLastSeven: 5 }],
    ["no habit is withheld", { withhold: false }],
  ])("is told there when, by the configuration, %s", (_, habit) => {
    expect(monday(habit).map(({ region }) => region)).toEqual(["US"]);
  });
});
