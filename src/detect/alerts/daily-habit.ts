/**
 * Whether a region's fall is a daily habit. The fall's pattern over the rows is searched for in the levels of earlier days at
 * the same time of day. Levels are searched instead of past alerts, because a fall that is withheld today must count tomorrow.
 */

import { DAY_MS, HOUR_MS } from "../../model/time-units.ts";
import { developedPart, type PresentRow, presentRows } from "../estimate/present-levels.ts";
import { type RemainingRow, remainingFraction } from "../estimate/remaining.ts";
import { itemAt } from "../model/elements.ts";
import { Z_90 } from "../model/normal.ts";
import type { RegionAlert } from "../state/alert-state.ts";
import { type DaysShape, daysShape, levelAt, medianOf } from "../state/history.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { BASE_MS } from "./lifecycle.ts";

/**
 * How much later and how much earlier in the day an earlier day's fall may have been as deep: curtailment follows prices, which
 * do not keep to the minute. A fall that lasts longer than the habit is therefore reported an hour after its usual end.
 */
const LATER_MS = 1.5 * HOUR_MS;
const SOONER_MS = HOUR_MS;
/** A fall that is more than this many times as large as an earlier day's is no habit. */
const LARGER = 1.5;
/**
 * Standard errors at which one earlier day's levels show the pattern, and at which all days together do. Wandering levels alone
 * reach the second value once in a hundred cases, and only for falls that are barely visible.
 */
const SHOWN = 1.5;
const SHOWN_TOGETHER = 3;
/**
 * Relative error of the pattern between two days of the same region. It is small, because both days share the errors of the
 * fit.
 */
const PATTERN_SD = 0.05;
/** A row is used once its averaging window shows at least this part of the fall. */
const HARDLY_DEVELOPED = 0.05;
/** Least size assumed for today, as a part of the fitted fall: in the first minutes levels show nothing yet. */
const LEAST_SIZE = 0.1;
/** Most rows that earlier days are searched with: those that show the fall best. */
const PATTERN_ROWS = 48;
/** Number of earlier days that are searched. The oldest is the same weekday of last week. */
const HABIT_DAYS = 7;
/** How many of these days make a habit is `dailyHabit.ofLastThree` of the configuration. */
const RECENT_DAYS = 3;

interface Today {
  /** Per row the fall as it shows today, H/s: the pattern that earlier days are searched for. */
  readonly rows: readonly PresentRow[];
  /** Lower bound (one-sided 5 %) of today's size, as a part of the pattern. */
  readonly least: number;
}

/**
 * Today's fall as a pattern. The fitted ramp and size are guesses in the first minutes, so today and the earlier days are both
 * read as a sudden step at the onset. A slow fall is distorted by that in the same way on every day.
 */
function today(context: TickContext, view: ScaleView, alert: RegionAlert): Today | null {
  const fitted = presentRows(context, view, { ...alert, ramp: 0 }, HARDLY_DEVELOPED);
  const guess = remainingFraction(fitted);
  if (guess === null) return null;
  const size = Math.max(LEAST_SIZE, guess.fraction);
  const best =
    fitted.length > PATTERN_ROWS
      ? [...fitted].sort((x, y) => y.fall / y.sd - x.fall / x.sd).slice(0, PATTERN_ROWS)
      : fitted;
  const rows = best.map((row) => ({ ...row, fall: size * row.fall }));
  const now = remainingFraction(rows, PATTERN_SD);
  return now && { rows, least: now.fraction - Z_90 * now.sd };
}

/** An earlier day: how many days ago, the rows' levels before the hour of the fall, and the history that holds its levels. */
interface EarlierDay {
  readonly days: number;
  readonly bases: readonly number[];
  readonly shape: DaysShape;
}

/** What each row had lost on an earlier day at `at` (ms), against its level before the hour of the fall on that day. */
function rowsOn(
  context: TickContext,
  view: ScaleView,
  alert: RegionAlert,
  { rows, day, at }: { readonly rows: Today["rows"]; readonly day: EarlierDay; readonly at: number },
): RemainingRow[] {
  const { days, bases, shape } = day;
  const step = { ...alert, ramp: 0 };
  return rows.flatMap((row, k): RemainingRow[] => {
    const base = itemAt(bases, k);
    const level = levelAt(context.state, shape, row.index, at);
    const developed = developedPart(view, step, row.index, at + days * DAY_MS);
    if (!(base > 0 && level > 0) || developed < HARDLY_DEVELOPED) return [];
    const scale = base / row.base;
    return [{ fall: (row.fall / row.developed) * developed * scale, base, present: base - level, sd: row.sd * scale }];
  });
}

/**
 * How surely, in standard errors, the region fell `days` days ago about as deep as today and at about this time of day; 0 when
 * it did not.
 */
function shownOn(context: TickContext, view: ScaleView, alert: RegionAlert, now: Today, days: number): number {
  const shape = daysShape(context.compiled.model.intervalSeconds);
  const { binMs } = shape;
  const onset = Math.floor((alert.onset - days * DAY_MS) / binMs);
  const bases = now.rows.map((row) => {
    const levels = Array.from({ length: Math.round(BASE_MS / binMs) + 1 }, (_, back) =>
      levelAt(context.state, shape, row.index, (onset - back) * binMs),
    );
    return medianOf(levels.filter((level) => level > 0));
  });
  const then = context.at - days * DAY_MS;
  const last = Math.floor((then + LATER_MS) / binMs);
  let most = 0;
  for (let bin = Math.ceil((then - SOONER_MS) / binMs); bin <= last; bin++) {
    const found = remainingFraction(
      rowsOn(context, view, alert, { rows: now.rows, day: { days, bases, shape }, at: bin * binMs }),
    );
    if (found === null || found.fraction * LARGER < now.least) continue;
    const shown = found.fraction / found.sd;
    if (shown >= SHOWN) most = Math.max(most, shown);
  }
  return most;
}

/** Whether a fall is a habit: earlier days had one of about this size at this hour, and it still lasted at this time of day. */
export function isHabit(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
  const { withhold, ofLastThree, ofLastSeven } = context.compiled.settings.dailyHabit;
  if (!withhold) return false;
  const now = today(context, view, alert);
  if (now === null) return false;
  let found = 0;
  let together = 0;
  for (let days = 1; days <= HABIT_DAYS; days++) {
    if (found === 0 && days > RECENT_DAYS) return false;
    const shown = shownOn(context, view, alert, now, days);
    if (shown === 0) continue;
    found += 1;
    together += shown;
    const often = found >= (days <= RECENT_DAYS ? ofLastThree : ofLastSeven);
    if (often && together / Math.sqrt(found) >= SHOWN_TOGETHER) return true;
  }
  return false;
}
