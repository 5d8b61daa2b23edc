import { describe, expect, it } from "vitest";
import { readBundle, recompute } from "../../src/detect/evidence/recompute.ts";
import { AlertEvent } from "../../src/model/alert.ts";
import { opened, regional, run } from "./run.ts";
import { HOUR, modelOf, START, world } from "./world.ts";

const seed = 11;
const BLACKOUT = { region: "KZ", drop: 0.75, from: 36.2, until: 42 } as const;

describe("a blackout of one region", () => {
  const ran = run(modelOf(), world({ seed, days: 1.95, falls: [BLACKOUT] }));
  const [first] = opened(ran.events);
  const last = regional(ran.events).at(-1);
  const at = (event: AlertEvent | undefined): number => Date.parse(event?.at ?? "");

  it(`opens one alert that names it within 20 minutes (seed ${seed})`, () => {
    expect(opened(ran.events)).toHaveLength(1);
    expect(first).toMatchObject({ region: "KZ", ambiguous: false, revision: 1, severity: "critical", scope: "region" });
    expect(at(first) - (START + BLACKOUT.from * HOUR)).toBeLessThanOrEqual(20 * 60_000);
  });

  it("has an id made of network, scope and the tick that opened it", () => {
    const compact = `${first!.at.slice(0, 16).replaceAll("-", "").replace(":", "")}Z`;
    expect(first!.id).toBe(`bitcoin-region-${compact}-1`);
  });

  it("says events that the public schema accepts, with revisions that count up", () => {
    for (const event of ran.events) expect(() => AlertEvent.parse(event)).not.toThrow();
    expect(regional(ran.events).map((event) => event.revision)).toEqual(regional(ran.events).map((_, k) => k + 1));
  });

  it("puts the drop, the lost hash rate and the onset into their intervals", () => {
    const said = regional(ran.events)
      .filter((event) => event.type !== "resolved")
      .at(-1)!;
    expect(said.drop!.low).toBeLessThan(BLACKOUT.drop);
    expect(said.drop!.high).toBeGreaterThan(BLACKOUT.drop);
    expect(Math.abs(said.drop!.estimate - BLACKOUT.drop)).toBeLessThan(0.2);
    expect(said.lost!.networkShare).toBeGreaterThan(0.1);
    expect(Math.abs(Date.parse(said.startedAt) - (START + BLACKOUT.from * HOUR))).toBeLessThanOrEqual(20 * 60_000);
  });

  it("is resolved as recovered after the end, between one hour and five", () => {
    expect(last).toMatchObject({ type: "resolved", resolution: "recovered", id: first!.id });
    const late = at(last) - (START + BLACKOUT.until * HOUR);
    expect(late).toBeGreaterThan(HOUR);
    expect(late).toBeLessThan(5 * HOUR);
  });

  it("leaves a bundle from which the same score, candidates and figures come again", () => {
    const bundle = readBundle(ran.bundles[0]);
    if (bundle.kind !== "figures") throw new Error("expected figures");
    const again = recompute(bundle);
    expect(again.candidates[0]!.region).toBe("KZ");
    expect(again.candidates.map((entry) => entry.region)).toEqual(first!.candidates!.map((entry) => entry.region));
    expect(again.drop.estimate).toBeCloseTo(first!.drop!.estimate, 2);
    expect(again.lost / first!.lost!.hashrate).toBeCloseTo(1, 2);
    for (const shown of first!.evidence!) {
      expect(again.rows.find((row) => row.pool === shown.pool)!.score).toBeCloseTo(shown.score, 1);
    }
  });

  it("leaves a bundle that is read the same under the names of before", () => {
    const { bundle, ...rest } = ran.bundles[0]!;
    const { summed, ...others } = bundle as {
      summed: { regions: number[]; regional: number[]; networkWide: number[] };
    };
    const { networkWide: wide, ...same } = summed;
    const [now, before] = [ran.bundles[0]!, { ...rest, bundle: { ...others, look: { ...same, wide } } }].map(
      (entry) => {
        const read = readBundle(entry);
        if (read.kind !== "figures") throw new Error("expected figures");
        return recompute(read);
      },
    );
    expect(before).toEqual(now);
  });

  it("keeps its state under 256 kB", () => {
    expect(ran.bytes.length).toBeLessThan(256 * 1024);
  });
});

describe("what changes nothing", () => {
  const ticks = [...world({ seed: 12, days: 1.7, falls: [{ ...BLACKOUT, until: 38 }] })];
  const plain = run(modelOf(), ticks);
  const gist = (events: readonly AlertEvent[]): unknown =>
    events.map((event) => [event.type, event.id, event.revision, event.region, event.startedAt, event.drop?.estimate]);

  it("is the order of pools in the configuration and of rows in a tick", () => {
    const turned = ticks.map((tick) => ({ at: tick.at, rows: [...tick.rows].reverse() }));
    const model = modelOf();
    expect(run({ ...model, pools: [...model.pools].reverse() }, turned).events).toEqual(plain.events);
  });

  it("is a state that is encoded and decoded after every tick: bit for bit", () => {
    const bytes = run(modelOf(), ticks, { throughBytes: true });
    expect(bytes.events).toEqual(plain.events);
    expect(Buffer.from(bytes.bytes).equals(Buffer.from(plain.bytes))).toBe(true);
  });

  it("is the unit of all figures", () => {
    const scaled = ticks.map((tick) => ({
      at: tick.at,
      rows: tick.rows.map((row) => ({ ...row, hashrate: row.hashrate * 1024 })),
    }));
    expect(gist(run(modelOf(), scaled).events)).toEqual(gist(plain.events));
  });

  it("is whether empty ticks are passed or left out", () => {
    const gap = (tick: { at: number }): boolean => tick.at > START + 27 * HOUR && tick.at <= START + 27.5 * HOUR;
    const passed = ticks.map((tick) => (gap(tick) ? { at: tick.at, rows: [] } : tick));
    const left = ticks.filter((tick) => !gap(tick));
    expect(run(modelOf(), left).events).toEqual(run(modelOf(), passed).events);
  });
});

describe("a blackout that begins while our own sources fail", () => {
  it.each([
    ["for half an hour, all of them", 0.5, 0],
    ["for two hours, all of them", 2, 0],
    ["for two hours, most of them", 2, 3],
  ])("%s, is named within a quarter of an hour after they are back", (_, hours, left) => {
    const blindFrom = BLACKOUT.from - 0.2;
    const ticks = [...world({ seed, days: 1.62, falls: [BLACKOUT] })].map(({ at: time, rows }) => {
      const hour = (time - START) / HOUR;
      return { at: time, rows: hour > blindFrom && hour <= blindFrom + hours ? rows.slice(0, left) : rows };
    });
    const [first] = opened(run(modelOf(), ticks).events);
    expect(first).toMatchObject({ region: "KZ" });
    const hour = (Date.parse(first!.at) - START) / HOUR;
    expect(hour).toBeGreaterThan(blindFrom + hours);
    expect(hour).toBeLessThanOrEqual(blindFrom + hours + 0.25);
  });
});
