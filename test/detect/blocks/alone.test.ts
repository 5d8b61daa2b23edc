import { describe, expect, it } from "vitest";
import { createDetector } from "../../../src/detect/detector.ts";
import { AlertEvent } from "../../../src/model/alert.ts";
import type { BlockSample, Sample } from "../../../src/model/sample.ts";
import type { NetworkState, NetworkView } from "../../../src/model/view.ts";
import { chain, DAY, HOUR, modelOf, POOLS, START } from "./chain-world.ts";

const FALL_DAY = 24;
const TICK = HOUR;
const model = modelOf(POOLS, { intervalSeconds: TICK / 1000 });
const weight = (pool: string): number => POOLS[pool]?.regions.WE ?? 0;
const fallen =
  (days: number) =>
  (pool: string, hours: number): number =>
    hours >= FALL_DAY * 24 && hours < (FALL_DAY + days) * 24 ? 1 - weight(pool) * 0.8 : 1;

/** The whole detector on nothing but these rows. */
function run(
  rows: readonly Sample[],
  until: number,
  roundTrip = false,
): { events: AlertEvent[]; states: NetworkState[]; views: NetworkView[] } {
  const detector = createDetector(model);
  let state = detector.initial();
  const events: AlertEvent[] = [];
  const states: NetworkState[] = [];
  const views: NetworkView[] = [];
  let next = 0;
  for (let at = START + TICK; at <= until; at += TICK) {
    const from = next;
    while (next < rows.length && rows[next]!.at <= at) next++;
    const result = detector.advance(state, { at, rows: rows.slice(from, next) });
    state = roundTrip && at % DAY === 0 ? detector.decode(detector.encode(result.state)) : result.state;
    events.push(...result.events);
    states.push(result.view.state);
    views.push(result.view);
  }
  return { events, states, views };
}

const told = (events: readonly AlertEvent[]): string[] =>
  events.filter(({ type }) => type !== "updated").map(({ type, scope, region }) => `${type} ${scope} ${region ?? "-"}`);

describe("a network with nothing but blocks", () => {
  const rows: BlockSample[] = chain({ seed: 12, days: FALL_DAY + 12, factor: fallen(6) });
  const until = START + (FALL_DAY + 12) * DAY;
  const whole = run(rows, until);

  it("warms up for 16 days, then names the region that fell and says when it is over", () => {
    expect(told(whole.events)).toEqual(["opened region WE", "resolved region WE"]);
    expect(whole.states[10 * 24]).toBe("warming");
    expect(whole.states[17 * 24]).toBe("ok");
    const cold = whole.views[10 * 24]!;
    expect(Math.abs(cold.warmAt! - (START + 16 * DAY))).toBeLessThan(DAY);
    expect(cold.pools.every(({ state, warmAt }) => state === "warming" && warmAt === cold.warmAt)).toBe(true);
    expect(whole.views[17 * 24]!.pools.every(({ state }) => state === "ok")).toBe(true);
    const [opened] = whole.events;
    expect(Date.parse(opened!.at) - (START + FALL_DAY * DAY)).toBeLessThan(48 * HOUR);
    expect(opened!.evidence!.every(({ unit }) => unit === "blocks")).toBe(true);
    expect(opened!.lost!.networkShare).toBeGreaterThan(0.1);
    const resolved = whole.events.at(-1)!;
    expect(resolved).toMatchObject({ resolution: "recovered" });
    expect(Date.parse(resolved.startedAt)).toBe(Date.parse(opened!.startedAt));
    expect(Date.parse(resolved.at)).toBeGreaterThan(START + (FALL_DAY + 6) * DAY);
  });

  it("says only what the contract knows", () => {
    for (const event of whole.events) expect(AlertEvent.safeParse(event).error).toBeUndefined();
  });

  it("says the same when its state is stored and read in between", () => {
    expect(run(rows, until, true).events).toEqual(whole.events);
  });

  it("is blind while no block comes, sees again with the first one, and opens no region for it", () => {
    const quiet = chain({ seed: 31, days: 24 });
    const [from, to] = [START + 20 * DAY, START + 21 * DAY];
    const { events, states } = run(
      quiet.filter(({ at }) => at <= from || at > to),
      START + 24 * DAY,
    );
    expect(told(events)).toEqual(["opened source -", "resolved source -"]);
    expect(events[0]).toMatchObject({ verdict: "blind", source: null });
    expect(states[20 * 24 + 12]).toBe("blind");
    expect(states.at(-1)).not.toBe("blind");
  });

  it("follows its alert to the end when pool figures come back", () => {
    const back = START + (FALL_DAY + 3) * DAY;
    const figures: Sample[] = [];
    for (let at = back; at <= until; at += TICK) {
      for (const [pool, { share }] of Object.entries(POOLS)) {
        figures.push({ kind: "rate", at, pool, hashrate: share * 1e20 * (1 + 0.01 * Math.sin(at / 7e6 + share * 90)) });
      }
    }
    const mixed = [...rows, ...figures].sort((a, b) => a.at - b.at);
    expect(told(run(mixed, until).events)).toEqual(["opened region WE", "resolved region WE"]);
  });
});
