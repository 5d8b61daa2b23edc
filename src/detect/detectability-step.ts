/**
 * Detectable drops from the rows that are fresh at this tick. A region is computed again only when the information of its rows
 * has changed, and at most one region a tick, so that no tick takes long.
 */
import { OTHER_REGION } from "../model/region.ts";
import { DAY_SECONDS, HOUR_MS, HOUR_SECONDS } from "../model/time-units.ts";
import { BUDGET_SHARE, logThreshold } from "./decide/threshold.ts";
import { type HeardRow, informationWithin, smallestDrops } from "./detectable-drops.ts";
import { regionPriorOf } from "./hypotheses/region.ts";
import type { RegionRows } from "./model/score-model.ts";
import { isWarm } from "./quality/warm-up.ts";
import type { TickContext } from "./state/tick-context.ts";
import { innovationVariance } from "./statistics/accumulate.ts";

/** The rows that are fresh; null for rows that are cold or have been silent for an hour. */
function heardRows({ state, layout, at }: TickContext): (HeardRow | null)[] {
  return layout.rows.map((_, row) => {
    const gate = state.gate[row];
    if (!gate || !isWarm(gate, at) || at - gate.acceptedAt > HOUR_MS) return null;
    const entry = layout.fastBanks[row]?.[state.fast.chosen[row] ?? 0];
    return entry ? { entry, variance: innovationVariance(state.fast, layout.fastBanks, row) } : null;
  });
}

/** A region is computed again when its rows' information changed by this part, which changes the smallest drop by half of it. */
const CHANGED = 0.25;

/** Information about a region's fall: the inverse variance of its size, if nothing else could fall. */
function informationOf({ rows, weight }: RegionRows, information: Float64Array): number {
  return rows.reduce((sum, row, k) => sum + (weight[k] ?? 0) ** 2 * (information[row] ?? 0), 0);
}

function isChanged(before: number, now: number): boolean {
  return before > 0 && now > 0 ? Math.abs(Math.log(now / before)) > CHANGED : before !== now;
}

/** Advances by one tick, in place. */
export function followDetectability(context: TickContext): void {
  const { state, layout, compiled, at } = context;
  const { regions } = layout.score;
  const part = regions[Math.round(at / compiled.intervalMs) % regions.length];
  if (part === undefined || part.region === OTHER_REGION) return;
  const { spec } = compiled.fast;
  const rows = heardRows(context);
  const inADay = informationWithin(rows, spec, DAY_SECONDS);
  const from = informationOf(part, inADay);
  const known = state.detectable[part.region];
  if (known && !isChanged(known.from, from)) return;
  const query = {
    model: layout.score,
    prior: regionPriorOf(layout.score, state.fast.reference),
    spec,
    nameProbability: compiled.settings.nameProbability,
    threshold: logThreshold(compiled.model.detection.falseAlarmsPerMonth, spec.stepSeconds, BUDGET_SHARE.fast),
  };
  const within = (information: Float64Array) => smallestDrops({ ...query, information }, regions.indexOf(part));
  const hour = within(informationWithin(rows, spec, HOUR_SECONDS));
  const still = Object.entries(state.detectable).filter(([region]) => regions.some((each) => each.region === region));
  state.detectable = { ...Object.fromEntries(still), [part.region]: { from, hour, day: within(inADay) } };
}
