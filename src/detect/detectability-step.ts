/**
 * What could be told now, from the rows that are fresh: one region a tick, in turn, and only where what is known of the rows
 * has changed. So no tick takes long, and most take nothing.
 */
import { OTHER_REGION } from "../model/region.ts";
import { DAY_SECONDS, HOUR_MS, HOUR_SECONDS } from "../model/time-units.ts";
import { BUDGET_SHARE, logThreshold } from "./decide/threshold.ts";
import { type HeardRow, informationWithin, smallestDrops } from "./detectable-drops.ts";
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

/** A row's noise is another one when its information has changed by about this part. */
const CHANGED = 0.25;

/** A number that changes with which rows are heard, and with how much each says (FNV-1a over steps of CHANGED). */
function fingerprint(information: Float64Array): number {
  let hash = 0x811c9dc5;
  for (const value of information) {
    hash = Math.imul(hash ^ (value > 0 ? Math.round(Math.log(value) / CHANGED) : -1), 0x01000193) >>> 0;
  }
  return hash;
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
  const inADay = informationWithin(rows, spec, DAY_SECONDS);
  const of = fingerprint(inADay);
  if (state.detectable[region]?.of === of) return;
  const query = {
    model: layout.score,
    prior: regionPriorOf(layout.score, state.fast.reference),
    spec,
    threshold: logThreshold(compiled.model.detection.falseAlarmsPerMonth, spec.stepSeconds, BUDGET_SHARE.fast),
  };
  const hour = smallestDrops({ ...query, information: informationWithin(rows, spec, HOUR_SECONDS) }, index);
  state.detectable[region] = { of, hour, day: smallestDrops({ ...query, information: inADay }, index) };
}
