import { beforeAll, describe, expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import { makeReplay } from "../../src/detect/replay/replay.ts";
import { remember, type WitnessEntry } from "../../src/detect/state/witness-memory.ts";
import { AlertEvent } from "../../src/model/alert.ts";
import type { Fact } from "../../src/model/fact.ts";
import type { Sample, WitnessSample } from "../../src/model/sample.ts";
import { formatSampleLine } from "../../src/model/sample-line.ts";
import { opened, type Ran, regional, run } from "./run.ts";
import { HOUR, INTERVAL, MINUTE, modelOf, START, world } from "./world.ts";

const FALL_AT = START + 30.2 * HOUR;
const ALL = [...world({ seed: 11, days: 1.65, falls: [{ region: "KZ", drop: 0.75, from: 30.2, until: 33.5 }] })];
/** A calm day, and what comes after them: what witnesses say is said from then on. */
const CALM = ALL.filter(({ at }) => at <= START + 24.5 * HOUR);
const TICKS = ALL.slice(CALM.length);
/** Here witnesses explain only; what they weigh as evidence is in witness-evidence.test.ts. */
const detection = { ...modelOf().detection, witnesses: "explain" } as const;
const model = modelOf(undefined, { detection });

type Tick = { readonly at: number; readonly rows: readonly Sample[] };
type Saying = (at: number) => readonly Fact[];

const said = (at: number, fact: Fact, source = "w"): WitnessSample => ({ kind: "witness", at, source, fact });

/** The same ticks with what witnesses say beside them, before the pools' rows. */
const withWitnesses = (saying: Saying, ticks: readonly Tick[] = TICKS): Tick[] =>
  ticks.map(({ at, rows }) => ({ at, rows: [...saying(at).map((fact) => said(at, fact)), ...rows] }));

const signal = (region: string, ratio: number, at: number, name = "BGP visibility"): Fact => ({
  kind: "connectivity",
  region,
  signal: name,
  ratio,
  at,
});
const grid = (region: string, emergencyLevel: number, usdPerMegawattHour: number, at: number): Fact => ({
  kind: "grid",
  region,
  emergencyLevel,
  usdPerMegawattHour,
  at,
});
const price = (usd: number, at: number): Fact => ({ kind: "price", usd, of: ["kraken", "coinbase"], at });

/** What detection alone said: without causes, context, and the updates that only carry a cause. */
function bare(ran: Ran, plain: Ran): unknown[] {
  const key = ({ id, type, at }: AlertEvent): string => [id, type, at].join(" ");
  const known = new Set(plain.events.map(key));
  return ran.events
    .filter((event) => known.has(key(event)))
    .map(({ cause, context: _context, revision: _revision, ...rest }) =>
      rest.scope === "region" && cause?.hint !== "unknown" ? rest : { ...rest, cause },
    );
}

let warm: Uint8Array;
let plain: Ran;
/** Goes on after the calm day. */
const goOn = (ticks: readonly Tick[], throughBytes = false): Ran => run(model, ticks, { from: warm, throughBytes });
beforeAll(() => {
  warm = run(model, CALM).bytes;
  plain = goOn(TICKS);
});

describe("what witnesses say of a fall of KZ", () => {
  const fallen = (at: number): boolean => at >= FALL_AT;
  const cases: readonly [string, Saying, string | undefined, RegExp][] = [
    [
      "a country that is cut off",
      (at) => [signal("KZ", fallen(at) ? 0.42 : 1, at - 5 * MINUTE)],
      "connectivity",
      /^IODA: KZ BGP visibility at 0\.42 of its median$/,
    ],
    [
      "the deepest of two signals",
      (at) => [signal("KZ", fallen(at) ? 0.8 : 1, at), signal("KZ", fallen(at) ? 0.3 : 1, at, "active probing")],
      "connectivity",
      /active probing at 0\.30/,
    ],
    [
      "a verified outage",
      (at) => (fallen(at) ? [{ kind: "outage", region: "KZ", cause: "POWER_OUTAGE", from: FALL_AT }] : []),
      "connectivity",
      /Cloudflare Radar: verified outage in KZ \(power outage\)/,
    ],
    ["a grid that is dear", (at) => [grid("KZ", 0, fallen(at) ? 400 : 20, at)], "curtailment", /400 USD\/MWh/],
    ["an emergency of the grid", (at) => [grid("KZ", fallen(at) ? 2 : 0, 90, at)], "curtailment", /level 2/],
    ["a country that is as always", (at) => [signal("KZ", 0.99, at)], undefined, /./],
    ["another country", (at) => [signal("US", 0.1, at)], undefined, /./],
    ["a price alone", (at) => [price(43_000, at)], undefined, /./],
    ["what was long before", (at) => (at < FALL_AT - 5 * HOUR ? [signal("KZ", 0.1, at)] : []), undefined, /./],
    ["what cannot be true yet", (at) => [signal("KZ", 0.1, at + HOUR)], undefined, /./],
  ];

  it.each(cases)("%s", (_, saying, hint, why) => {
    const ran = goOn(withWitnesses(saying));
    const [first] = opened(ran.events);
    expect(first?.region).toBe("KZ");
    const causes = regional(ran.events).map(({ cause }) => cause);
    if (hint === undefined) expect(causes.every((cause) => cause === undefined)).toBe(true);
    else for (const cause of causes) expect(cause).toEqual({ hint, why: expect.stringMatching(why) });
    for (const event of ran.events) expect(() => AlertEvent.parse(event)).not.toThrow();
    expect(ran.bundles[0]?.bundle).toMatchObject({ event: first });
    expect(bare(ran, plain)).toEqual(bare(plain, plain));
  });

  it("a witness that speaks late is told by an update, once, and the end repeats it", () => {
    const openedAt = Date.parse(opened(plain.events)[0]!.at);
    const ran = goOn(withWitnesses((at) => (at > openedAt + 25 * MINUTE ? [signal("KZ", 0.42, openedAt)] : [])));
    const events = regional(ran.events);
    expect(events[0]).toMatchObject({ type: "opened", revision: 1 });
    expect(events[0]?.cause).toBeUndefined();
    const first = events.find(({ cause }) => cause !== undefined);
    expect(first).toMatchObject({
      type: "updated",
      at: new Date(openedAt + 30 * MINUTE).toISOString().replace(".000", ""),
    });
    expect(events.map(({ revision }) => revision)).toEqual(events.map((_, i) => i + 1));
    expect(events.length).toBeLessThanOrEqual(regional(plain.events).length + 1);
    expect(events.at(-1)).toMatchObject({ type: "resolved", cause: { hint: "connectivity" } });
    expect(bare(ran, plain)).toEqual(bare(plain, plain));
  });

  it("a stronger witness outdoes a weaker one; a weaker one changes nothing", () => {
    const outageFrom = FALL_AT + 2 * HOUR;
    const ran = goOn(
      withWitnesses((at) => [
        ...(fallen(at) ? [signal("KZ", 0.42, at)] : []),
        ...(at > outageFrom ? [{ kind: "outage", region: "KZ", cause: null, from: FALL_AT } as const] : []),
        ...(fallen(at) ? [grid("KZ", 3, 900, at)] : []),
      ]),
    );
    const whys = [...new Set(regional(ran.events).map(({ cause }) => cause?.why))];
    expect(whys).toEqual(["IODA: KZ BGP visibility at 0.42 of its median", "Cloudflare Radar: verified outage in KZ"]);
  });

  it("gives the same events whatever order the rows of a tick come in, and through encoded states", () => {
    const ticks = withWitnesses((at) => [
      signal("KZ", fallen(at) ? 0.42 : 1, at),
      signal("RU", 0.97, at),
      price(43_000, at),
    ]);
    const straight = goOn(ticks);
    const turned = ticks.map(({ at, rows }) => ({ at, rows: [...rows].reverse() }));
    expect(goOn(turned).events).toEqual(straight.events);
    const bytes = goOn(ticks, true);
    expect(bytes.events).toEqual(straight.events);
    expect(Buffer.from(bytes.bytes).equals(Buffer.from(straight.bytes))).toBe(true);
  });

  it("a replay of the lines gives the same events, causes and prices included", () => {
    const saying = (at: number): Fact[] => [signal("KZ", fallen(at) ? 0.42 : 1, at), price(43_000 + (at % 7), at)];
    const ticks = withWitnesses(saying, ALL);
    const events: AlertEvent[] = [];
    const refused: string[] = [];
    const replay = makeReplay([model], {
      event: (event) => events.push(event),
      refused: (_, why) => refused.push(why),
    });
    for (const { rows } of ticks) for (const row of rows) replay.line(formatSampleLine(row));
    replay.end();
    expect(refused).toEqual([]);
    expect(events).toEqual(run(model, ticks).events);
    expect(events.some(({ cause, context }) => cause !== undefined && context !== undefined)).toBe(true);
  });
});

describe("the price beside an alert", () => {
  it("is the newest while it is fresh, and absent when it is stale or was never told", () => {
    const openedAt = Date.parse(opened(plain.events)[0]!.at);
    const contextWith = (saying: Saying) => opened(goOn(withWitnesses(saying)).events)[0]?.context;
    expect(contextWith((at) => [price(at === openedAt ? 43_000.5 : 1, at)])).toEqual({ priceUsd: 43_000.5 });
    expect(contextWith((at) => (at <= openedAt - 20 * MINUTE ? [price(43_000, at)] : []))).toBeUndefined();
    expect(contextWith((at) => (at <= openedAt - 10 * MINUTE ? [price(43_000, at)] : []))).toEqual({
      priceUsd: 43_000,
    });
    expect(opened(plain.events)[0]?.context).toBeUndefined();
  });
});

describe("a witness alone", () => {
  it("opens nothing, however loud it is", () => {
    const calm = [...world({ seed: 12, days: 1.5 })];
    const loud = calm.map(({ at, rows }) => ({
      at,
      rows: [...rows, said(at, signal("KZ", 0, at)), said(at, grid("US", 3, 9_000, at)), said(at, price(1, at))],
    }));
    const quiet = run(model, calm);
    expect(quiet.events).toEqual([]);
    const ran = run(model, loud);
    expect(ran.events).toEqual([]);
    expect(ran.views).toEqual(quiet.views);
  });

  it("does not warm a network that no pool has spoken of", () => {
    const rows = (at: number): Sample[] => [said(at, signal("KZ", 0, at))];
    const ticks = Array.from({ length: 400 }, (_, i) => START + (i + 1) * INTERVAL).map((at) => ({
      at,
      rows: rows(at),
    }));
    const empty = ticks.map(({ at }) => ({ at, rows: [] }));
    expect(run(model, ticks).views).toEqual(run(model, empty).views);
  });
});

describe("the memory of facts", () => {
  it("keeps what was telling beside what is new, forgets both after hours, and is bounded", () => {
    const at = (minutes: number): number => START + minutes * MINUTE;
    let entries: WitnessEntry[] = [];
    const tell = (minutes: number, ratio: number) => {
      entries = remember(entries, [said(at(minutes), signal("KZ", ratio, at(minutes)))], at(minutes), INTERVAL);
    };
    tell(5, 0.3);
    tell(60, 1);
    expect(entries).toMatchObject([{ newest: { ratio: 1 }, telling: { ratio: 0.3 } }]);
    tell(6 * 60 + 10, 0.98);
    expect(entries).toMatchObject([{ newest: { ratio: 0.98 }, telling: { ratio: 0.98 } }]);
    expect(remember(entries, [], at(13 * 60), INTERVAL)).toEqual([]);
    const many = Array.from({ length: 5_000 }, (_, i) => said(at(5), signal("KZ", 1, at(5), `signal ${i}`)));
    expect(remember([], many, at(5), INTERVAL).length).toBeLessThanOrEqual(200);
  });

  it.each<[string, Fact]>([
    ["a ratio that is none", signal("KZ", Number.NaN, START)],
    ["less than nothing", signal("KZ", -1, START)],
    ["a price of nothing", price(0, START)],
    ["an endless price", price(Number.POSITIVE_INFINITY, START)],
    ["no region", signal("Kazakhstan!", 0.1, START)],
  ])("leaves out %s", (_, fact) => {
    expect(remember([], [said(START, fact)], START, INTERVAL)).toEqual([]);
  });

  it("fits into the state's bound with many countries", () => {
    const regions = Array.from({ length: 26 }, (_, i) => `${String.fromCharCode(65 + i)}A`);
    const rows = (at: number): Sample[] =>
      regions
        .flatMap((region) => [signal(region, 0.5, at), signal(region, 1, at, "active probing")])
        .map((fact) => said(at, fact));
    const ran = goOn(TICKS.slice(0, 150).map((tick) => ({ at: tick.at, rows: [...tick.rows, ...rows(tick.at)] })));
    expect(ran.bytes.length).toBeLessThan(256 * 1024);
    expect(() => createDetector(model).decode(ran.bytes)).not.toThrow();
  });
});
