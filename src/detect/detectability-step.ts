/** What could be told now, from the rows that are fresh: one region a tick, in turn, so that no tick takes long. */
import { OTHER_REGION } from "../model/region.ts";
import { DAY_SECONDS, HOUR_MS, HOUR_SECONDS } from "../model/time-units.ts";
import { BUDGET_SHARE, logThreshold } from "./decide/threshold.ts";
import { type HeardRow, informationWithin, type SmallestDrops, smallestDrops } from "./detectable-drops.ts";
import { regionPriorOf } from "./hypotheses/region.ts";
import { isWarm } from "./quality/warm-up.ts";
import type { TickContext } from "./state/tick-context.ts";
import { innovationVariance } from "./statistics/accumulate.ts";

/** The rows as they are heard now; null of those that are cold or have said nothing for an hour. */
function heardRows({ state, layout, at }: TickContext): (HeardRow | null)[] {
  return layout.rows.map((_, row) => {
    const gate = state.gate[row];
    if (!gate || !isWarm(gate, at) || at - gate.acceptedAt > HOUR_MS) return null;
    const entry = layout.fastBanks[row]?.[state.fast.chosen[row] ?? 0];
    return entry ? { entry, variance: innovationVariance(state.fast, layout.fastBanks, row) } : null;
  });
}

/** One tick. In place. */
export function followDetectability(context: TickContext): void {
  const { state, layout, compiled, at } = context;
  const { regions } = layout.score;
  const index = Math.round(at / compiled.intervalMs) % regions.length;
  const region = regions[index]?.region;
  if (region === undefined || region === OTHER_REGION) return;
  const { spec } = compiled.fast;
  const rows = heardRows(context);
  const query = {
    model: layout.score,
    prior: regionPriorOf(layout.score, state.fast.reference),
    spec,
    threshold: logThreshold(compiled.model.detection.falseAlarmsPerMonth, spec.stepSeconds, BUDGET_SHARE.fast),
  };
  const within = (seconds: number): SmallestDrops =>
    smallestDrops({ ...query, information: informationWithin(rows, spec, seconds) }, index);
  state.detectable[region] = { hour: within(HOUR_SECONDS), day: within(DAY_SECONDS) };
}
