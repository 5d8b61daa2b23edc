/** Ground truth of one scenario and seed, for whoever scores a detector. */
import { isoTime } from "../model/tick.ts";
import type { Scenario } from "./scenarios/contract.ts";
import { regionShare } from "./world/fleet.ts";
import { World } from "./world/world.ts";

/** JSON: scenario, its standing as a reconstruction, regional events, and what else happened that is none. */
export function labelsOf(scenario: Scenario, seed: number) {
  const world = new World(scenario, seed);
  return {
    scenario: scenario.name,
    seed,
    label: scenario.label,
    sources: scenario.sources,
    from: isoTime(scenario.startsAt),
    to: isoTime(scenario.endsAt),
    events: world.events.map((event) => ({
      region: event.region,
      start: isoTime(event.start),
      end: event.end === null ? null : isoTime(event.end),
      drop: round(event.drop),
      rampMinutes: event.rampMinutes,
      regionShare: round(regionShare(world.fleet, event.region)),
    })),
    confounders: world.confounders.map((each) => ({
      kind: each.kind,
      pool: each.pool,
      ...(each.toPool === undefined ? {} : { toPool: each.toPool }),
      start: isoTime(each.start),
      end: isoTime(each.end),
      size: round(each.size),
    })),
  };
}

function round(fraction: number): number {
  return Number(fraction.toPrecision(4));
}
