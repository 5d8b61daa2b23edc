/** What the simulated world shows of countries' connectivity, in the format of IODA's API v2. */
import { aliveAt } from "../world/curve.ts";
import type { World } from "../world/world.ts";

const STEP_SECONDS = 300;
/** The newest points are not there yet: about the lag of the real one. */
const LAG_SECONDS = 600;
const MOST_POINTS = 1_000;
const MOST_COUNTRIES = 50;
/** Routes and blocks that answer of an ordinary day; only ratios matter. */
const USUAL = 1_000;
/** Routes stay announced longer than hosts answer: the part of the blackout that each signal shows. */
const SHOWN: Readonly<Record<string, number>> = { bgp: 0.6, "ping-slash24": 0.9 };

export interface IodaQuery {
  readonly countries: readonly string[];
  readonly datasource: string;
  /** Seconds. */
  readonly from: number;
  readonly until: number;
}

/** The query of a request; null for one that the real API would refuse. */
export function iodaQuery(path: string, query: Readonly<Record<string, string>>): IodaQuery | null {
  const from = Number(query.from);
  const until = Number(query.until);
  const datasource = query.datasource ?? "";
  const countries = path.split(",").slice(0, MOST_COUNTRIES);
  const points = (until - from) / STEP_SECONDS;
  if (!(points > 0 && points <= MOST_POINTS) || !Object.hasOwn(SHOWN, datasource)) return null;
  return { countries, datasource, from: Math.ceil(from / STEP_SECONDS) * STEP_SECONDS, until };
}

function valueAt(world: World, country: string, datasource: string, seconds: number): number {
  const corners = world.scenario.cutOff?.includes(country) ? world.story.curves[country] : undefined;
  const lost = corners === undefined ? 0 : 1 - aliveAt(corners, seconds * 1000);
  // A few routes come and go: a little movement, the same for every run.
  const ripple = ((seconds / STEP_SECONDS) % 5) - 2;
  return Math.round(USUAL * (1 - (SHOWN[datasource] ?? 0) * lost)) + ripple;
}

/** @param now data time, ms: nothing later is told, and what is newer than the lag is null */
export function iodaSignals(world: World, { countries, datasource, from, until }: IodaQuery, now: number): unknown {
  const known = now / 1000 - LAG_SECONDS;
  const count = Math.max(0, Math.ceil((until - from) / STEP_SECONDS));
  const times = Array.from({ length: count }, (_, i) => from + i * STEP_SECONDS);
  const data = countries.map((country) => [
    {
      entityType: "country",
      entityCode: country,
      entityName: country,
      datasource,
      subtype: "",
      from,
      until,
      step: STEP_SECONDS,
      nativeStep: STEP_SECONDS,
      values: times.map((at) => (at > known ? null : valueAt(world, country, datasource, at))),
    },
  ]);
  return { type: "signals", error: null, data };
}
