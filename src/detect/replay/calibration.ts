/** The false-alarm rate that a history without events shows, against the budget. */
import { DAY_MS } from "../../model/time-units.ts";
import type { DetectorModel } from "../contract.ts";
import type { ReplayCounts } from "./replay.ts";

const MONTH_MS = 30 * DAY_MS;

/** P(N <= count) of a Poisson variable. */
export function poissonAtMost(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let k = 1; k <= count; k++) {
    term *= mean / k;
    sum += term;
  }
  return sum;
}

/** Exact 95 % upper limit of a Poisson mean after `count` events, by bisection of the distribution. */
export function poissonUpper(count: number, level = 0.95): number {
  let low = 0;
  let high = count + 10 * Math.sqrt(count + 1) + 10;
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    if (poissonAtMost(count, middle) > 1 - level) low = middle;
    else high = middle;
  }
  return high;
}

/** Lines to print: the rate, its limit, and whether the budget is kept as far as this history can show. */
export function calibrationLines(counts: ReplayCounts, model: DetectorModel): string[] {
  const { network } = model;
  const budget = model.detection.falseAlarmsPerMonth;
  const span = counts.spans[network];
  if (span?.warmFrom === undefined) return [`${network}: never warm, nothing to calibrate`];
  const months = Math.max((span.to - span.warmFrom) / MONTH_MS, 1e-9);
  const opened = counts.opened[network] ?? 0;
  const rate = opened / months;
  const upper = poissonUpper(opened) / months;
  const verdict =
    upper <= budget
      ? "kept"
      : rate <= budget
        ? "not contradicted; a longer history would say more"
        : "exceeded, if nothing regional really happened";
  return [
    `${network}: ${opened} regional alerts opened in ${(months * 30).toFixed(1)} warm days`,
    `${network}: ${rate.toFixed(2)} per 30 days, at most ${upper.toFixed(2)} with 95 % confidence; budget ${budget}: ${verdict}`,
  ];
}
