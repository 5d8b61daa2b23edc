/** An alert's figures from levels: once windows show the fall, and again when it has gone on falling. */

import { LISTED_PROBABILITY, MOST_LISTED } from "../../model/candidates.ts";
import { OTHER_REGION } from "../../model/region.ts";
import { HOUR_MS } from "../../model/time-units.ts";
import {
  fitLevels,
  type LevelScores,
  type LevelStatistics,
  levelStatistics,
  scoreLevels,
} from "../estimate/level-fit.ts";
import { presentRows, remainingNow } from "../estimate/present-levels.ts";
import type { Remaining } from "../estimate/remaining.ts";
import { levelsBundle } from "../evidence/bundle.ts";
import type { Candidate, RegionAlert } from "../state/alert-state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { WELL_DEVELOPED } from "./lifecycle.ts";
import { takeFit } from "./region-draft.ts";

/** From here on after its ramp a fast fall is fitted to levels: hour-long windows show it, three-hour ones most of it. */
const LEVELS_FROM_MS = 2 * HOUR_MS;
/** Later the levels have wandered by as much as the fit could gain. */
const LEVELS_UNTIL_MS = 24 * HOUR_MS;
const REFIT_MS = HOUR_MS / 2;
/** A slow fall's levels are looked at twice a day, when it has stood for two. */
const SLOW_FROM_MS = 48 * HOUR_MS;
const SLOW_LOOK_MS = 12 * HOUR_MS;
/** Less than this of the fit in the levels is a return that has begun: it teaches the size of the fall nothing. */
const STANDS = 0.8;
/** Part of the fitted fall from which it has grown, and for how long levels must say so: a dip within the day is not growth. */
const GROWN = 1.25;
const GROWN_MS = 2 * HOUR_MS;
/** Log odds from which another region is believed to be the one that fell: 150 to 1, for levels wander and weights are off. */
const OTHER_REGION_LOG_ODDS = 5;

interface Levels {
  readonly statistics: LevelStatistics;
  readonly found: LevelScores;
  readonly now: Remaining;
}

function levelsOf(context: TickContext, view: ScaleView, alert: RegionAlert, now: Remaining): Levels {
  const { score } = context.layout;
  const { reference } = view.state;
  const rows = presentRows(context, view, alert, WELL_DEVELOPED).map((row) => ({
    index: row.index,
    developed: row.developed,
    fall: (row.present - now.common * row.base) / reference[row.index]!,
    variance: (row.sd / reference[row.index]!) ** 2 + now.commonSd ** 2,
  }));
  const statistics = levelStatistics(rows, score.rows.length);
  return { statistics, found: scoreLevels(score, statistics, view.scale.spec), now };
}

/** Puts what the levels say of the size of its region's fall into the alert. */
function takeLevels(context: TickContext, view: ScaleView, alert: RegionAlert, levels: Levels): void {
  const { score } = context.layout;
  const { reference } = view.state;
  const { statistics, found, now } = levels;
  const index = score.regions.findIndex((entry) => entry.region === alert.leading);
  const fit = fitLevels(score, statistics, found, index, reference, view.scale.spec);
  takeFit(context, alert, fit, reference, Math.hypot(fit.lostSd, now.commonSd * fit.lost));
  const kept = { at: context.at, a: [...statistics.a], b: [...statistics.b], reference: [...reference] };
  alert.levels = kept;
  if (!context.evidence.has(alert.id)) {
    context.evidence.set(alert.id, (event) => levelsBundle(alert, event, view, score, kept));
  }
  alert.remaining = 1;
  alert.peak = 1;
}

/** Regions by what the levels say, likeliest first. */
function candidatesBy(context: TickContext, { scores }: LevelScores): Candidate[] {
  const { regions } = context.layout.score;
  const top = Math.max(...scores);
  const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
  return regions
    .map(({ region }, r) => ({ region, probability: Math.exp(scores[r]! - top) / total }))
    .filter((entry) => entry.probability >= LISTED_PROBABILITY)
    .sort((x, y) => y.probability - x.probability || (x.region < y.region ? -1 : 1))
    .slice(0, MOST_LISTED);
}

/** A fall that is told late must be this likely to be its region's by the levels of now. */
const LATE_PROBABILITY = 0.5;

/** Whether the levels of now show a fall of this alert's region, and of no other rather than it. */
export function isStandingInLevels(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
  const now = remainingNow(context, view, alert, WELL_DEVELOPED);
  if (now === null || now.fraction < STANDS) return false;
  const [best] = candidatesBy(context, levelsOf(context, view, alert, now).found);
  return best !== undefined && best.region === alert.leading && best.probability >= LATE_PROBABILITY;
}

/** The levels speak of another region, far more clearly than of the alert's own. */
export interface OtherRegion {
  readonly region: string;
  readonly candidates: Candidate[];
  /** Gives an alert that leads with the region its size. */
  readonly take: (alert: RegionAlert) => void;
}

function otherRegion(context: TickContext, view: ScaleView, alert: RegionAlert, levels: Levels): OtherRegion | null {
  const { regions } = context.layout.score;
  const { scores } = levels.found;
  const mine = scores[regions.findIndex((entry) => entry.region === alert.leading)]!;
  const candidates = candidatesBy(context, levels.found);
  const [best] = candidates;
  if (!best || best.region === alert.leading || best.region === OTHER_REGION) return null;
  const theirs = scores[regions.findIndex((entry) => entry.region === best.region)]!;
  if (theirs - mine < OTHER_REGION_LOG_ODDS) return null;
  return { region: best.region, candidates, take: (taker) => takeLevels(context, view, taker, levels) };
}

/** Whether the levels are worth a fit now. */
function isDue(context: TickContext, view: ScaleView, alert: RegionAlert, now: Remaining): boolean {
  const { at, compiled } = context;
  const age = at - alert.onset - view.scale.spec.rampSeconds[alert.ramp]! * 1000;
  if (view.name === "fast" && age < LEVELS_FROM_MS) return false;
  if (view.name === "fast" && age <= LEVELS_UNTIL_MS) {
    const first = alert.levels === undefined;
    const rested = first || at - alert.levels!.at >= REFIT_MS;
    return rested && alert.ending === 0 && now.fraction >= (first ? STANDS / 2 : STANDS);
  }
  const settled = view.name === "fast" || alert.settled;
  alert.growing = settled && alert.remaining >= GROWN ? (alert.growing ?? 0) + 1 : 0;
  if (alert.growing * compiled.intervalMs < GROWN_MS) return false;
  alert.growing = 0;
  return true;
}

/** One tick. `now`: what the levels say of the alert's fall. Returns another region when the levels are surer of it. */
export function followLevels(
  context: TickContext,
  view: ScaleView,
  alert: RegionAlert,
  now: Remaining,
): OtherRegion | null {
  const due = isDue(context, view, alert, now);
  const look = view.name === "slow" && context.at - alert.openedAt >= SLOW_FROM_MS && context.at % SLOW_LOOK_MS === 0;
  if ((!due && !look) || !context.layout.score.regions.some((entry) => entry.region === alert.leading)) return null;
  const levels = levelsOf(context, view, alert, now);
  const other = alert.ending === 0 ? otherRegion(context, view, alert, levels) : null;
  if (other) return other;
  if (due) takeLevels(context, view, alert, levels);
  return null;
}
