/**
 * Falls that are withheld because they are a daily habit of their region. Their effect is subtracted from the sufficient
 * statistics like an open alert's, so that everything else stays watched. A fall that outgrows or outlasts the habit is
 * released: what the statistics then show opens like any other fall, with its own onset.
 */

import { MINUTE_MS } from "../../model/time-units.ts";
import { remainingNow } from "../estimate/present-levels.ts";
import { evaluateScale } from "../search/evaluate.ts";
import type { RegionAlert } from "../state/alert-state.ts";
import { withEpisode } from "../state/episodes.ts";
import { regionAlerts } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { isHabit } from "./daily-habit.ts";
import { nextId } from "./events.ts";
import { statisticsBeside } from "./known-falls.ts";
import { isRevisionDue, OVER_MS, OVER_PART, onsetReach, WELL_DEVELOPED, YOUNG_MS } from "./lifecycle.ts";
import { applyFit, publish } from "./region-draft.ts";
import { isStandingInLevels } from "./region-levels.ts";

/** A withheld fall is released after this many ticks in a row that exceed the habit. One tick may wander over the limit. */
const LET_GO_TICKS = 3;
/** Before this age one tick is enough, ms: a blackout that begins at the habit's hour shows its size in the first minutes. */
const FIRST_MS = 30 * MINUTE_MS;

function refit(context: TickContext, view: ScaleView, held: RegionAlert): void {
  const { layout } = context;
  const step = view.scale.spec.stepSeconds * 1000;
  const age = context.at - held.onset;
  const due = isRevisionDue(held.openedAt, context.at, step);
  if (!due || age > YOUNG_MS) return;
  const reach = onsetReach(view.name, step);
  const span = { from: held.onset - reach, to: held.onset + reach };
  const statistics = statisticsBeside(context, view, { except: held, from: span.from, dipsBefore: held.onset });
  const evaluated = evaluateScale({
    scale: view.scale,
    state: view.state,
    model: layout.score,
    statistics,
    threshold: view.threshold,
    screening: Number.NEGATIVE_INFINITY,
    span,
  });
  const found = evaluated.posterior?.regions.find(({ index }) => layout.score.regions[index]!.region === held.leading);
  if (found) applyFit(context, view, held, evaluated, found);
}

/** Follows one withheld fall. Returns false when it is to be released. */
function follow(context: TickContext, view: ScaleView, held: RegionAlert): boolean {
  const { state, compiled, at } = context;
  const step = view.scale.spec.stepSeconds * 1000;
  // A fall that is over stays subtracted for as long as the statistics contain it.
  if (held.settled) return at - held.onset <= view.scale.spec.maxAge * step;
  refit(context, view, held);
  held.remaining = remainingNow(context, view, held, WELL_DEVELOPED)?.fraction ?? held.remaining;
  held.ending = held.remaining < OVER_PART ? held.ending + 1 : 0;
  if (held.ending * compiled.intervalMs >= OVER_MS) {
    held.settled = true;
    held.remaining = 0;
    state.episodes = withEpisode(state.episodes, { region: held.leading, startedAt: held.startedAt, endedAt: at });
    return true;
  }
  held.doubt = isHabit(context, view, held) ? 0 : held.doubt + 1;
  return held.doubt < (at - held.openedAt < FIRST_MS ? 1 : LET_GO_TICKS);
}

/** One tick of all withheld falls. */
export function followWithheld(context: TickContext, view: ScaleView): void {
  const { state, at } = context;
  const reach = view.scale.spec.maxAge * view.scale.spec.stepSeconds * 1000;
  const known = state.withheld;
  const letGo = known.filter((held) => !follow(context, view, held));
  state.withheld = known.filter((held) => !letGo.includes(held));
  // A fall that began before every onset in memory would not be found again, so it is reported as it is known. Its levels must
  // show this region, because another region's evening looks much like the rest of this one's.
  const open = new Set(regionAlerts(state).map((alert) => alert.leading));
  for (const held of letGo) {
    if (held.settled || at - held.onset <= reach || open.has(held.leading)) continue;
    if (!isStandingInLevels(context, view, held)) continue;
    publish(context, { ...held, id: nextId(context, "region"), openedAt: at });
  }
}
