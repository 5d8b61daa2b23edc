/** Sizes of an open alert from levels: once averaging windows show the fall, and again when it has grown. */

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

/**
 * A fast fall is fitted to levels from this time after its ramp on, ms: one-hour windows then show all of it, three-hour
 * windows most.
 */
const LEVELS_FROM_MS = 2 * HOUR_MS;
/** After this time levels have wandered by as much as a new fit could gain, ms. */
const LEVELS_UNTIL_MS = 24 * HOUR_MS;
const REFIT_MS = HOUR_MS / 2;
/** A slow fall is fitted to levels once it has lasted for SLOW_FROM_MS, then twice a day. */
const SLOW_FROM_MS = 48 * HOUR_MS;
const SLOW_LOOK_MS = 12 * HOUR_MS;
/** If levels show less than this part of the fit, a return has begun, and levels no longer measure the size of the fall. */
const STANDS = 0.8;
/** A fall has grown when levels show this multiple of the fit for GROWN_MS. A dip within the day is no growth. */
const GROWN = 1.25;
const GROWN_MS = 2 * HOUR_MS;
/** Log odds at which levels move an alert to another region: 150 to 1, because levels wander and weights are inexact. */
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

/** Writes the size of the fall as levels show it into the alert. */
function takeLevels(context: TickContext, view: ScaleView, alert: RegionAlert, levels: Levels): void {
  const { score } = context.layout;
  const { reference } = view.state;
  const { statistics, found, now } = levels;
  const index = score.regions.findIndex((entry) => entry.region === alert.leading);
  const fit = fitLevels({ model: score, statistics, scored: found, reference, prior: view.scale.spec }, index);
  takeFit(context, alert, fit, reference, Math.hypot(fit.lostSd, now.commonSd * fit.lost));
  const kept = { at: context.at, a: [...statistics.a], b: [...statistics.b], reference: [...reference] };
  alert.levels = kept;
  if (!context.evidence.has(alert.id)) {
    context.evidence.set(alert.id, (event) => levelsBundle(alert, event, view, score, kept));
  }
  alert.remaining = 1;
  alert.peak = 1;
}

/** Candidate regions as levels rank them, likeliest first. */
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

/** An opening is late from this age of its onset on, ms: hour-long and three-hour windows then show the fall. */
const LATE_OPENING_MS = 4 * HOUR_MS;
/** A fall that is reported late needs at least this probability of its region by present levels. */
const LATE_PROBABILITY = 0.5;

/** Whether present levels show a fall of this alert's region, and of no other region with more probability. */
export function isStandingInLevels(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
  const now = remainingNow(context, view, alert, WELL_DEVELOPED);
  if (now === null || now.fraction < STANDS) return false;
  const [best] = candidatesBy(context, levelsOf(context, view, alert, now).found);
  return best !== undefined && best.region === alert.leading && best.probability >= LATE_PROBABILITY;
}

/**
 * Whether present levels contradict an opening: its onset is so old that averaging windows show the fall, and levels show too
 * little of it, or favour another region. Another region's evening fits the innovations of hours too, and levels do not.
 */
export function isContradictedByLevels(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
  if (context.at - alert.onset < LATE_OPENING_MS) return false;
  return remainingNow(context, view, alert, WELL_DEVELOPED) !== null && !isStandingInLevels(context, view, alert);
}

/** Another region that levels favour far more clearly than the alert's own. */
export interface OtherRegion {
  readonly region: string;
  readonly candidates: Candidate[];
  /** Writes the size of the fall into an alert that leads with this region. */
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

/** Whether a fit to levels is due now. */
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

/** One tick. `now`: how much of the alert's fall levels show. Returns another region when levels are far surer of it. */
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
