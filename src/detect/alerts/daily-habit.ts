/**
 * Whether a region's fall is what it does at this hour day after day: the fall's pattern over the rows is looked for in the
 * levels of earlier days at the same time by the clock. Levels, not alerts: what is withheld today must count tomorrow.
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
 * How much later and how much sooner, by the clock, an earlier day's fall may have been as deep: prices do not keep to the
 * minute. A fall that begins sooner than usual is the usual one; one that lasts longer is told an hour after it is due back.
 */
const LATER_MS = 1.5 * HOUR_MS;
const SOONER_MS = HOUR_MS;
/** A fall this many times as large as an earlier day's is larger than the habit. */
const LARGER = 1.5;
/**
 * Standard errors from which one earlier day's levels show the pattern, and from which those of all that count do together:
 * wandering alone reaches the second once in a hundred habits that are none, and only for falls that are barely seen.
 */
const SHOWN = 1.5;
const SHOWN_TOGETHER = 3;
/** Relative error of the pattern between two days of the same region: what the fit got wrong, it got wrong for both. */
const PATTERN_SD = 0.05;
/** Rows that show less than this part of the fall so far say nothing of its size. */
const HARDLY_DEVELOPED = 0.05;
/** The least that is taken for today's size, of the fitted fall: levels that show nothing yet are no size. */
const LEAST_SIZE = 0.1;
/** Earlier days are searched with at most this many rows: those that show the fall best. */
const PATTERN_ROWS = 48;
/** Earlier days that are searched: the oldest is the same weekday of last week. */
const HABIT_DAYS = 7;
/** Days that make a habit: two of the last three, or three of the last seven with one of the last three among them. */
const RECENT_DAYS = 3;
const RECENT_OFTEN = 2;
const HABIT_OFTEN = 3;

interface Today {
  /** Rows with the fall as large as they show it today: the pattern that earlier days are searched for. */
  readonly rows: readonly PresentRow[];
  /** The least that it has as a part of the pattern, one-sided 5 %: in its first minutes its size is barely known. */
  readonly least: number;
}

/**
 * The fitted ramp and size are guesses in the first minutes, so both sides are read as if the fall were a step at its onset:
 * what that makes of a slow one it makes of the earlier days' too.
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

/** An earlier day: how many days ago, the rows' levels before the fall's hour on it, and how its levels are kept. */
interface EarlierDay {
  readonly days: number;
  readonly bases: readonly number[];
  readonly shape: DaysShape;
}

/** The rows of one earlier day at `at` (ms), against their levels before the fall's hour of that day. */
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
 * How surely, in standard errors, the region fell on the day `days` ago about as deep as today and about this time by the
 * clock; 0 when it did not.
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

/** Whether a fall is no news: earlier days had it at this hour, about as large, and had it still at this time by the clock. */
export function isHabit(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
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
    const often = found >= (days <= RECENT_DAYS ? RECENT_OFTEN : HABIT_OFTEN);
    if (often && together / Math.sqrt(found) >= SHOWN_TOGETHER) return true;
  }
  return false;
}
