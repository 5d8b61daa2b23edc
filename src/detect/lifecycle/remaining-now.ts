/** What the present levels say of an alert's fall. */
import { remainingFraction } from "../estimate/remaining.ts";
import type { TickContext } from "./context.ts";
import type { RegionAlert } from "./open-alert.ts";
import { regionAlerts } from "./region-list.ts";
import type { ScaleView } from "./scale-view.ts";

const HOUR = 3_600_000;

/** Part of a fall that a row's averaged figure shows by now, the fall itself being whole: 0..1. */
function developedPart(view: ScaleView, alert: RegionAlert, row: number, at: number): number {
  const { spec } = view.scale;
  const { cells } = view.banks[row]![view.state.chosen[row]!]!.filter;
  const age = Math.round((at - alert.onset) / (spec.stepSeconds * 1000));
  const ramp = Math.max(spec.rampSeconds[alert.ramp]!, spec.stepSeconds / 2);
  let sum = 0;
  for (let back = 0; back < cells; back++) {
    sum += Math.min(1, Math.max(0, ((age - back + 0.5) * spec.stepSeconds) / ramp));
  }
  return sum / cells;
}

/**
 * Fraction of an alert's fitted fall that the present levels show; null when no row can say.
 * `leastDeveloped`: rows whose averaged figure shows less of the fall by now are left out.
 */
export function remainingNow(
  context: TickContext,
  view: ScaleView,
  alert: RegionAlert,
  leastDeveloped: number,
): { readonly fraction: number; readonly sd: number } | null {
  const { state, layout } = context;
  const others = regionAlerts(state).filter((entry) => entry !== alert);
  const days = (context.at - alert.onset) / (24 * HOUR);
  const rows = layout.rows.flatMap((_, row) => {
    const fall = alert.fallHashrate[row] ?? 0;
    const base = alert.base[row] ?? 0;
    const recent = state.recent[row]!;
    if (!(fall > 0) || !(base > 0) || !(recent > 0) || context.at - state.recentAt[row]! > HOUR) return [];
    const away = others.reduce(
      (sum, entry) => sum + (entry.openedAt > alert.openedAt ? (entry.fallHashrate[row] ?? 0) * entry.remaining : 0),
      0,
    );
    const chosen = view.state.chosen[row]!;
    const unit = view.state.units[row]![chosen]!;
    const developed = developedPart(view, alert, row, context.at);
    if (developed < leastDeveloped) return [];
    const sd = view.state.reference[row]! * Math.sqrt(unit * 2 + 0.015 ** 2 * days);
    return [{ fall: fall * developed, present: base - away - recent, sd }];
  });
  return remainingFraction(rows);
}
