/**
 * The quality gate: decides which figure of a tick each row may use, and why others are refused. Missing is never zero, and a
 * stale figure is not a figure.
 */

import type { RateSample } from "../../model/sample.ts";
import { MAX_HASHRATE } from "../../model/sample.ts";
import { DAY_MS, HOUR_MS, HOUR_SECONDS } from "../../model/time-units.ts";
import { itemAt } from "../model/elements.ts";
import { classifyStep, emptyStepMemory, learnStep, type StepMemory, ZERO_PART } from "./quarantine.ts";
import { GAP_UNKNOWN_MS, isWarm, PAUSES_KNOWN, warmFrom } from "./warm-up.ts";

export const REFUSALS = [
  "not-a-number",
  "negative",
  "zero",
  "unit",
  "step",
  "future",
  "backward",
  "stale",
  "duplicate",
  "basis",
  "unknown-pool",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What the gate remembers of one row. Times in ms. */
export interface GateRow {
  /** Robust level of the accepted figures, H/s; 0 before the first. */
  level: number;
  /** Last published figure, accepted or frozen, H/s. */
  last: number;
  /** How many times in a row exactly this figure was repeated. */
  repeats: number;
  /** How often this row repeats a figure while its source works, 0..1: a source with three digits does so. */
  repeatRate: number;
  observedAt: number;
  firstAt: number;
  acceptedAt: number;
  seenAt: number;
  /** Figures in a row that were refused as another unit, since when, and the newest of them. */
  slips: number;
  slipSince: number;
  slipLevel: number;
  refusal: Refusal | null;
  frozen: boolean;
  /** Usual time between two figures that could be used, and how many such pauses it was learned from, at most 20. */
  pauseMs: number;
  pauses: number;
  /** The row's source, or its pool where no source is named. */
  source: string;
  /** How far its figures usually move, and the figure in quarantine because it moved further. */
  steps: StepMemory;
}

export function emptyGateRow(): GateRow {
  return {
    level: 0,
    last: 0,
    repeats: 0,
    repeatRate: 0.001,
    observedAt: 0,
    firstAt: 0,
    acceptedAt: 0,
    seenAt: 0,
    slips: 0,
    slipSince: 0,
    slipLevel: 0,
    refusal: null,
    frozen: false,
    pauseMs: 0,
    pauses: 0,
    source: "",
    steps: emptyStepMemory(),
  };
}

/** A source is frozen when a run of repeats is less likely than this under the row's own repeat rate. */
const FROZEN_PROBABILITY = 1e-6;
/**
 * A row that publishes another unit for a day, or for longer than the unit before, has changed its unit: one wrong first figure
 * must not shut out all right ones. At least SLIPS_ACCEPTED figures must agree, because two may be one bad deployment.
 */
const SLIP_ACCEPTED_MS = DAY_MS;
const SLIPS_ACCEPTED = 3;
const LEVEL_MEMORY_SECONDS = 6 * HOUR_SECONDS;
const PAUSE_MEMORY = 20;
const REPEAT_MEMORY = 100;

/** Number of repeats after which a row counts as frozen, from a geometric run with its own repeat rate; at least two. */
export function frozenAfter(repeatRate: number): number {
  return Math.max(2, Math.ceil(Math.log(FROZEN_PROBABILITY) / Math.log(Math.min(0.95, Math.max(repeatRate, 1e-4)))));
}

/** True when a figure is a power of a thousand off its level (TH for PH), within a factor of two. */
function isUnitSlip(figure: number, level: number): boolean {
  const decades = Math.log10(figure / level) / 3;
  return Math.abs(decades) > 0.5 && Math.abs(decades - Math.round(decades)) * 3 < 0.45;
}

/** How the other figures of a tick support a row's. */
export interface Surroundings {
  /** The most that a row can have, H/s: a region has at most its pool's hash rate. */
  readonly most: number;
  /** Whether the pool's other figures make a fall to zero credible. */
  readonly mayVanish: boolean;
  /** Whether another pool's figure made the same move. */
  readonly agreed: boolean;
}
export const ALONE: Surroundings = { most: Number.POSITIVE_INFINITY, mayVanish: false, agreed: false };

/** Why a row's figure may not be used at this tick; null when it may. Does not change the row. */
export function refusalOf(
  row: GateRow,
  sample: RateSample,
  at: number,
  intervalMs: number,
  { most, mayVanish }: Surroundings = ALONE,
): Refusal | null {
  const { hashrate } = sample;
  if (!Number.isFinite(hashrate)) return "not-a-number";
  if (hashrate < 0) return "negative";
  if (hashrate === 0 && !(mayVanish && row.level > 0)) return "zero";
  if (sample.at > at || (sample.observedAt ?? 0) > at + intervalMs) return "future";
  if (sample.observedAt !== undefined && row.observedAt > 0 && sample.observedAt < row.observedAt) return "backward";
  if (hashrate > MAX_HASHRATE) return "step";
  if (row.level > 0 && hashrate > 0 && isUnitSlip(hashrate, row.level)) return "unit";
  return hashrate > most ? "step" : null;
}

/** Whether a figure in another unit completes a change of unit. The row then uses that unit from now on. */
function isNewUnit(row: GateRow, figure: number, at: number): boolean {
  // Figures that contradict each other (a thousand times up, then down) agree on no unit.
  if (row.slips === 0 || isUnitSlip(figure, row.slipLevel)) {
    row.slips = 0;
    row.slipSince = at;
  }
  row.slips += 1;
  row.slipLevel = figure;
  const before = row.acceptedAt - row.firstAt;
  return row.slips >= SLIPS_ACCEPTED && at - row.slipSince >= Math.min(SLIP_ACCEPTED_MS, before);
}

function learnPause(row: GateRow, at: number, intervalMs: number): void {
  if (row.acceptedAt === 0) return;
  const known = row.pauses >= PAUSES_KNOWN;
  const pause = known ? Math.min(at - row.acceptedAt, 4 * Math.max(row.pauseMs, intervalMs)) : at - row.acceptedAt;
  row.pauses = Math.min(PAUSE_MEMORY, row.pauses + 1);
  row.pauseMs += (pause - row.pauseMs) / row.pauses;
}

/** Usual pauses since a row's last figure. */
export function pausesSince(row: GateRow, at: number, intervalMs: number): number {
  return row.acceptedAt === 0 ? 1 : (at - row.acceptedAt) / Math.max(intervalMs, row.pauseMs);
}

/** A row's figure as it enters the detector: a fall to zero is one to a thousandth, so that logarithms and ratios stay finite. */
export function figureOf(row: GateRow, hashrate: number): number {
  return Math.max(hashrate, ZERO_PART * row.level);
}

/** Restarts a row: what was learned about it belongs to another quantity. */
function renew(row: GateRow, at: number): void {
  Object.assign(row, emptyGateRow(), { source: row.source, seenAt: at, firstAt: at });
}

/** Counts exact repeats. A source that repeats itself more often than usual is frozen. */
function followRepeats(row: GateRow, hashrate: number): void {
  if (hashrate === row.last) {
    row.repeats += 1;
    // A region that is gone repeats zero while its pool's other figures move. That is no frozen page.
    if (row.repeats >= frozenAfter(row.repeatRate)) row.frozen = hashrate > 0;
  } else {
    const keep = 1 - 1 / REPEAT_MEMORY;
    const habit = keep ** Math.min(row.repeats, frozenAfter(row.repeatRate));
    row.repeatRate = row.repeatRate * keep * habit + (1 - habit) * keep;
    row.repeats = 0;
    row.frozen = false;
  }
  row.last = hashrate;
}

/**
 * Decides whether a row's figure of a tick may be used, and learns from it. Returns the figure, or NaN with the reason in
 * `row.refusal`. A row that has changed its unit for good restarts with this figure as its first.
 */
export function admit(
  row: GateRow,
  sample: RateSample,
  at: number,
  intervalMs: number,
  around: Surroundings = ALONE,
): number {
  row.refusal = refusalOf(row, sample, at, intervalMs, around);
  row.seenAt = at;
  row.source = sample.source ?? sample.pool;
  if (row.firstAt === 0) row.firstAt = at;
  if (row.refusal === "unit" && isNewUnit(row, sample.hashrate, at)) renew(row, at);
  else if (row.refusal !== null) return Number.NaN;
  row.slips = 0;
  const pauses = pausesSince(row, at, intervalMs);
  const knownMs = Math.max(0, row.acceptedAt - row.firstAt);
  const { agreed, mayVanish } = around;
  const standing = classifyStep(row.steps, figureOf(row, sample.hashrate), row.level, {
    at,
    knownMs,
    pauses,
    agreed,
    mayVanish,
  });
  if (standing === "held") {
    row.refusal = "step";
    return Number.NaN;
  }
  if (standing === "renewed") renew(row, at);
  else row.refusal = null;
  const sameMoment = sample.observedAt !== undefined && sample.observedAt === row.observedAt;
  followRepeats(row, sample.hashrate);
  if (sample.observedAt !== undefined) row.observedAt = sample.observedAt;
  if (row.frozen || (sameMoment && row.repeats > 0)) {
    row.refusal = "stale";
    return Number.NaN;
  }
  const figure = figureOf(row, sample.hashrate);
  // Silence does not warm a row up: the time that a cold row missed is not counted.
  if (!isWarm(row, at)) row.firstAt = warmFrom(row, at);
  learnPause(row, at, intervalMs);
  const sinceMs = row.acceptedAt === 0 ? 0 : at - row.acceptedAt;
  row.acceptedAt = at;
  const pull = Math.min(1, intervalMs / 1000 / LEVEL_MEMORY_SECONDS);
  row.level = row.level === 0 ? figure : row.level * (1 + pull * Math.min(0.5, Math.max(-0.5, figure / row.level - 1)));
  learnStep(row.steps, figure, row.level, sinceMs, pauses);
  return figure;
}

/** Of two samples of a row in one tick, the one that counts: reported before derived, then newer, then by content. */
export function better(x: RateSample, y: RateSample): RateSample {
  const rank = (s: RateSample): number => (s.basis === undefined || s.basis === "pool-reported" ? 0 : 1);
  const key = (s: RateSample): (number | string)[] => [
    -rank(s),
    s.observedAt ?? s.at,
    s.at,
    s.source ?? "",
    s.hashrate,
  ];
  const a = key(x);
  const b = key(y);
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return itemAt(a, k) > itemAt(b, k) ? x : y;
  return x;
}

/** A row counts for blindness if it published a figure within this time, ms. */
const ACTIVE_MS = DAY_MS;

/**
 * Whether a row was active lately. Only rows with a known pace count: the first silences of a source with one figure in half
 * an hour are no failure.
 */
export function wasActive(gate: GateRow, at: number, since: number): boolean {
  return gate.pauses >= PAUSES_KNOWN && Math.min(at, since) - gate.acceptedAt <= ACTIVE_MS;
}

/** Whether a row had no usable figure for two of its usual pauses. */
export function isOverdue(gate: GateRow, at: number, intervalMs: number): boolean {
  return at - gate.acceptedAt >= 2 * Math.max(intervalMs, gate.pauseMs);
}

/** A row is stale without a usable figure for this long, ms, and for three of its usual pauses. One missed poll is not enough. */
const STALE_MS = HOUR_MS;

/**
 * Whether a row is stale. Without any usable figure, time counts from its first one. A row without a known pace gets more
 * time.
 */
export function isStale(gate: GateRow, at: number): boolean {
  const unknown = gate.acceptedAt > 0 && gate.pauses < PAUSES_KNOWN;
  const patience = Math.max(unknown ? GAP_UNKNOWN_MS : STALE_MS, 3 * gate.pauseMs);
  return at - Math.max(gate.acceptedAt, gate.firstAt) >= patience;
}
