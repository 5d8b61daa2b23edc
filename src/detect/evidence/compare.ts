/** Compares an alert's figures with those recomputed from its bundle, so that a changed bundle is noticed. */
import type { AlertEvent } from "../../model/alert.ts";
import { MINUTE_MS } from "../../model/time-units.ts";
import { REST } from "../model/score-model.ts";
import type { Interval } from "../state/alert-state.ts";
import {
  type Bundle,
  type FiguresBundle,
  type LevelsBundle,
  type RecomputedSizes,
  recompute,
  recomputeLevels,
} from "./recompute.ts";
import { type PoolBundle, recomputePool } from "./scope-bundles.ts";

/** A figure for which the bundle gives another value than the alert. */
export interface Difference {
  /** In words: `lost`, `probability of KZ`, `evidence of antpool`. */
  readonly figure: string;
  readonly said: number;
  readonly again: number;
}

/** Tolerances: probabilities and drops are published with three decimals, hash rates and evidence with a number of digits. */
const FRACTION = 0.006;
const RELATIVE = 0.005;
/** Evidence is a logarithm and may be near 0, nats. */
const NATS = 0.02;

function near(said: number, again: number, relative: number, absolute: number): boolean {
  return Math.abs(said - again) <= absolute + relative * Math.abs(again);
}

function sizeDifferences({ event }: FiguresBundle | LevelsBundle, again: RecomputedSizes): Difference[] {
  const found: Difference[] = [];
  const { lost, drop, evidence = [] } = event;
  if (lost && !near(lost.hashrate, again.lost, RELATIVE, 0)) {
    found.push({ figure: "lost", said: lost.hashrate, again: again.lost });
  }
  for (const part of ["estimate", "low", "high"] as const) {
    if (drop && !near(drop[part], again.drop[part], 0, FRACTION)) {
      found.push({ figure: `drop (${part})`, said: drop[part], again: again.drop[part] });
    }
  }
  for (const entry of evidence) {
    const row = again.rows.find(
      ({ pool, region }) => pool === entry.pool && nameOfRow(region) === (entry.region ?? null),
    );
    if (row && near(entry.score, row.score, RELATIVE, NATS)) continue;
    const where = entry.region === undefined ? entry.pool : `${entry.pool} ${entry.region}`;
    found.push({ figure: `evidence of ${where}`, said: entry.score, again: row?.score ?? 0 });
  }
  return found;
}

/** A row's region as evidence names it. */
function nameOfRow(region: string | null): string | null {
  return region === REST ? "rest" : region;
}

function candidateDifferences(
  { candidates = [] }: AlertEvent,
  again: readonly { region: string; probability: number }[],
): Difference[] {
  const found = new Map(again.map(({ region, probability }) => [region, probability]));
  return candidates.flatMap(({ region, probability }) => {
    const computed = found.get(region) ?? 0;
    if (near(probability, computed, 0, FRACTION)) return [];
    return [{ figure: `probability of ${region}`, said: probability, again: computed }];
  });
}

/** Compares an event's drop and loss with the recomputed drop. `base`: H/s before the fall. */
function ofDrop({ lost, drop }: AlertEvent, again: Interval, base: number): Difference[] {
  const found: Difference[] = [];
  if (lost && !near(lost.hashrate, again.estimate * base, RELATIVE, 0)) {
    found.push({ figure: "lost", said: lost.hashrate, again: again.estimate * base });
  }
  for (const part of ["estimate", "low", "high"] as const) {
    if (drop && !near(drop[part], Math.min(1, again[part]), 0, FRACTION)) {
      found.push({ figure: `drop (${part})`, said: drop[part], again: again[part] });
    }
  }
  return found;
}

function poolDifferences(bundle: PoolBundle): Difference[] {
  const { lost, onset, score } = recomputePool(bundle);
  const part = (value: number): number => Math.min(1, (value * bundle.reference) / bundle.base);
  const drop = { estimate: part(lost.estimate), low: part(lost.low), high: part(lost.high) };
  const found = ofDrop(bundle.event, drop, bundle.base);
  const [said] = bundle.event.evidence ?? [];
  if (said && !near(said.score, score, RELATIVE, NATS)) {
    found.push({ figure: `evidence of ${said.pool}`, said: said.score, again: score });
  }
  const startedAt = Date.parse(bundle.event.startedAt);
  // The onset is that of the opening, to the minute.
  if (bundle.event.type === "opened" && Math.abs(startedAt - onset.estimate) > MINUTE_MS) {
    found.push({ figure: "startedAt", said: startedAt, again: onset.estimate });
  }
  return found;
}

/**
 * Figures that differ between an alert and its bundle. What a bundle cannot reproduce is not compared: blocks are not kept, and
 * with very many rows only the strongest cells are.
 */
export function differencesOf(bundle: Bundle): Difference[] {
  if (bundle.kind === "blocks" || bundle.kind === "source" || bundle.kind === "not-opened") return [];
  if (bundle.kind === "pool") return poolDifferences(bundle);
  if (bundle.kind === "network") return ofDrop(bundle.event, bundle.drop, bundle.base);
  if (bundle.kind === "levels") return sizeDifferences(bundle, recomputeLevels(bundle));
  if (bundle.cut) return [];
  const again = recompute(bundle);
  return [...candidateDifferences(bundle.event, again.candidates), ...sizeDifferences(bundle, again)];
}
