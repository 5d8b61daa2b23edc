/** Families of worlds: own ones in which fleet, weights and falls are drawn per seed, and the labelled reconstructions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../src/config/load.ts";
import type { DetectorModel } from "../../src/detect/contract.ts";
import { calm } from "../../src/simulate/scenarios/calm.ts";
import type { Scenario } from "../../src/simulate/scenarios/contract.ts";
import { scenarioNamed } from "../../src/simulate/scenarios/registry.ts";
import { Random } from "../../src/simulate/world/random.ts";
import { World } from "../../src/simulate/world/world.ts";
import { drawFalls, type FallShape } from "./falls.ts";
import { drawLeanings, drawShares, toldConfig } from "./fleet.ts";
import type { Fall } from "./statement.ts";

const DAY_MS = 86_400_000;
export const INTERVAL_MS = 300_000;

export interface ScoredWorld {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Data ms at which it is left, at the scenario's end at the latest. */
  readonly until: number;
  readonly falls: readonly Fall[];
  readonly model: DetectorModel;
}

export interface Family {
  readonly name: string;
  readonly what: string;
  make(seed: number): ScoredWorld;
}

function modelFrom(text: string, file: string): DetectorModel {
  return parseConfig(text, { file, offline: true, env: {} }).networks[0]!.model;
}

function fallsOf(world: World, until: number): Fall[] {
  return world.events
    .filter(({ start }) => start < until)
    .map(({ region, start, end, rampMinutes }) => ({
      region,
      start,
      rampEnd: start + rampMinutes * 60_000,
      end: Math.min(end ?? until, until),
    }));
}

/** An own family: the fleet, its weights and its falls are drawn, after eight days of which every rule can learn. */
function drawn(
  name: string,
  what: string,
  options: { days: number; confoundersPerDay: number; falls?: FallShape },
): Family {
  return {
    name,
    what,
    make(seed) {
      const random = new Random(`score/${name}/${seed}`);
      const regions = drawShares(calm.regions, random);
      const base: Scenario = {
        ...calm,
        name: `score-${name}`,
        regions,
        endsAt: calm.startsAt + options.days * DAY_MS,
        confoundersPerDay: options.confoundersPerDay,
        draw: (story) => drawFalls(options.falls, regions, calm.startsAt + 8 * DAY_MS, story),
      };
      const scenario: Scenario = { ...base, pools: drawLeanings(base, random) };
      const world = new World(scenario, seed);
      const model = modelFrom(toldConfig(scenario, world.fleet, random), `${name}.yaml`);
      return { scenario, seed, until: scenario.endsAt, falls: fallsOf(world, scenario.endsAt), model };
    },
  };
}

/** A shipped reconstruction with the weights that are shipped for it: what was published before. */
function reconstruction(name: string, what: string, until?: string): Family {
  const scenario = scenarioNamed(name);
  return {
    name,
    what,
    make(seed) {
      const file = join(process.cwd(), "config", "demo", `${scenario.config}.yaml`);
      const model = modelFrom(readFileSync(file, "utf8"), file);
      const end = until === undefined ? scenario.endsAt : Date.parse(until);
      return { scenario, seed, until: end, falls: fallsOf(new World(scenario, seed), end), model };
    },
  };
}

const BLACKOUT: FallShape = {
  count: 2,
  share: [0.09, 1],
  drop: [0.55, 0.95],
  rampHours: [0, 0.75],
  lastsHours: [8, 36],
};

export const FAMILIES: readonly Family[] = [
  drawn("calm", "three weeks in which no region falls", { days: 21, confoundersPerDay: 0.5 }),
  drawn("blackout", "55 to 95 % of a region with 9 % or more of the network, within 45 minutes", {
    days: 16,
    confoundersPerDay: 0.5,
    falls: BLACKOUT,
  }),
  drawn("partial", "30 to 60 % of a region with 4 to 20 %", {
    days: 16,
    confoundersPerDay: 0.5,
    falls: { ...BLACKOUT, share: [0.04, 0.2], drop: [0.3, 0.6] },
  }),
  drawn("crackdown", "45 to 85 % of a region over 2 to 6 days, for good", {
    days: 18,
    confoundersPerDay: 0.5,
    falls: { count: 1, share: [0.09, 1], drop: [0.45, 0.85], rampHours: [48, 144] },
  }),
  drawn("confounded", "blackouts among four outages, migrations, dips, slips, gaps and stale figures a day", {
    days: 16,
    confoundersPerDay: 4,
    falls: BLACKOUT,
  }),
  reconstruction("kazakhstan-2022", "reconstruction: Kazakhstan's blackout, January 2022"),
  reconstruction("china-2021", "reconstruction: Xinjiang's power cut, April 2021", "2021-05-01T12:00:00Z"),
  reconstruction("crackdown-2022", "reconstruction: Kazakh farms closed over weeks, February 2022"),
];
