/** The newest facts of witnesses, kept for some hours, because a fact from shortly before a fall can explain it. */

import { type Fact, factFault } from "../../model/fact.ts";
import type { WitnessSample } from "../../model/sample.ts";
import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import { isAround, SIGNAL_WINDOW_MS, signalOf } from "./signal-rates.ts";

/** The newest fact of one witness about one region, and its strongest recent fact. */
export interface WitnessEntry {
  key: string;
  /** Tick of the newest fact, ms. */
  heardAt: number;
  newest: Fact;
  /** The strongest recent fact: a country that is back after an hour must not hide that it was gone. */
  telling: Fact;
  /** When the signal that still lasts was first seen, ms; absent while there is none. */
  since?: number;
}

/** How long facts are kept, ms: longer than a fall's onset can lie before its alert, where witnesses matter at all. */
const KEEP_MS = 6 * HOUR_MS;
/** Most entries. For comparison, 26 countries with two signals each are 52. */
const MOST_ENTRIES = 200;

function keyOf({ source, fact }: WitnessSample): string {
  switch (fact.kind) {
    case "connectivity":
      return [source, fact.kind, fact.region, fact.signal].join("|");
    case "outage":
      return [source, fact.kind, fact.region, fact.from].join("|");
    case "grid":
      return [source, fact.kind, fact.region].join("|");
    case "miners":
      return [source, fact.kind, fact.region, fact.pool].join("|");
    case "price":
      return [source, fact.kind].join("|");
  }
}

/** Strength of a fact within one key; larger is stronger. */
function weightOf(fact: Fact): number {
  if (fact.kind === "connectivity") return -fact.ratio;
  // A count without a known usual value is weaker than any other fact.
  if (fact.kind === "miners") return fact.ratio === null ? Number.NEGATIVE_INFINITY : -fact.ratio;
  if (fact.kind === "grid") return 1e9 * (fact.emergencyLevel ?? 0) + (fact.usdPerMegawattHour ?? 0);
  return 0;
}

/** When a fact was true, ms; for an outage that lasts: now. */
function timeOf(fact: Fact, heardAt: number): number {
  return fact.kind === "outage" ? (fact.to ?? heardAt) : fact.at;
}

/** A lasting signal keeps the time of its beginning, because later readings alone would be too late for the fall's onset. */
function sinceOf(before: WitnessEntry | undefined, newest: Fact, at: number): { since?: number } {
  if (signalOf(newest)?.isSignal !== true) return {};
  return { since: before?.since ?? timeOf(newest, at) };
}

function updatedEntry(entry: WitnessEntry | undefined, fact: Fact, key: string, at: number): WitnessEntry {
  if (entry === undefined) return { key, heardAt: at, newest: fact, telling: fact, ...sinceOf(undefined, fact, at) };
  const newest = timeOf(fact, at) >= timeOf(entry.newest, entry.heardAt) ? fact : entry.newest;
  const telling = weightOf(fact) >= weightOf(entry.telling) ? fact : entry.telling;
  return { key, heardAt: at, newest, telling, ...sinceOf(entry, newest, at) };
}

/** Facts of a tick that are neither in the future nor too old. */
export function usableFacts(rows: readonly WitnessSample[], at: number, intervalMs: number): Fact[] {
  return rows
    .map((row) => row.fact)
    .filter((fact) => factFault(fact) === null)
    .filter((fact) => timeOf(fact, at) <= at + intervalMs && at - timeOf(fact, at) <= KEEP_MS);
}

/**
 * The entries after a tick, in order of their keys, whatever order the rows came in. Facts from the future and unusable facts are
 * left out.
 */
export function remember(
  entries: readonly WitnessEntry[],
  rows: readonly WitnessSample[],
  at: number,
  intervalMs: number,
): WitnessEntry[] {
  const kept = new Map<string, WitnessEntry>();
  for (const entry of entries) {
    if (at - entry.heardAt > KEEP_MS) continue;
    const isOld = at - timeOf(entry.telling, entry.heardAt) > KEEP_MS;
    kept.set(entry.key, isOld ? { ...entry, telling: entry.newest } : entry);
  }
  const usable = new Set(usableFacts(rows, at, intervalMs));
  const said = rows
    .filter(({ fact }) => usable.has(fact))
    .map((row) => ({ key: keyOf(row), fact: row.fact, text: JSON.stringify(row.fact) }))
    .sort((x, y) => (x.key < y.key || (x.key === y.key && x.text < y.text) ? -1 : 1));
  for (const { key, fact } of said) kept.set(key, updatedEntry(kept.get(key), fact, key, at));
  return [...kept.values()]
    .sort((x, y) => y.heardAt - x.heardAt || (x.key < y.key ? -1 : 1))
    .slice(0, MOST_ENTRIES)
    .sort((x, y) => (x.key < y.key ? -1 : 1));
}

/** Whether a witness signalled around an onset, ms: with a reading near it, or with a signal that had begun and still lasts. */
export function isSignalledAround({ newest, telling, since, heardAt }: WitnessEntry, onset: number): boolean {
  const isSignal = (fact: Fact): boolean => signalOf(fact)?.isSignal === true && isAround(fact, onset);
  if (isSignal(newest) || isSignal(telling)) return true;
  if (since === undefined) return false;
  return since <= onset + SIGNAL_WINDOW_MS && timeOf(newest, heardAt) >= onset - SIGNAL_WINDOW_MS;
}

/** All remembered facts, each once. */
export function factsOf(entries: readonly WitnessEntry[]): Fact[] {
  return entries.flatMap(({ newest, telling }) => (newest === telling ? [newest] : [newest, telling]));
}

/** An older price is not shown, ms: whoever trades on an alert needs a fresh one. */
const PRICE_FRESH_MS = 15 * MINUTE_MS;

/** Median of the fresh prices, USD; undefined where there is none. */
export function priceAt(entries: readonly WitnessEntry[], at: number): number | undefined {
  const prices = entries
    .flatMap(({ newest }) => (newest.kind === "price" && at - newest.at <= PRICE_FRESH_MS ? [newest.usd] : []))
    .sort((x, y) => x - y);
  const middle = Math.floor(prices.length / 2);
  return prices.length % 2 === 1
    ? prices[middle]
    : prices.length === 0
      ? undefined
      : (prices[middle - 1]! + prices[middle]!) / 2;
}
