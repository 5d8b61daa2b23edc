/** A pushed body -> samples, and for each row that is not taken its line and why. One row's fault is no other row's. */
import type { PushSender } from "../../config/resolve/resolved.ts";
import { messageOf } from "../../model/errors.ts";
import type { BlockSample, RateSample } from "../../model/sample.ts";
import { parseSampleLine } from "../../model/sample-line.ts";
import { isoTime } from "../../model/tick.ts";

/** Rows in one body; more than any operator has pools, regions and blocks in two intervals. */
export const MAX_ROWS = 1000;

export interface RefusedRow {
  /** From 1: the line of NDJSON, or the place in `samples`. */
  readonly line: number;
  readonly why: string;
}

export interface PushedRows {
  readonly rows: readonly (RateSample | BlockSample)[];
  readonly refused: readonly RefusedRow[];
}

export interface PushedLine {
  readonly line: number;
  readonly text: string;
}

export interface RowRules {
  readonly sender: PushSender;
  readonly intervalMs: number;
  /** Data time, ms. */
  readonly now: number;
}

/** How far from now a row's time may be: what the store still puts in order. */
const INTERVALS = 2;
/** Upstream clocks are a little ahead now and then; more is a wrong time. */
const OBSERVED_AHEAD_MS = 120_000;

/** The rows of a body as lines, at most one more than are taken; a string says what is wrong with the body as a whole. */
export function linesOf(body: string, format: "ndjson" | "json"): readonly PushedLine[] | string {
  return format === "ndjson" ? ndjsonLines(body) : jsonLines(body);
}

function ndjsonLines(body: string): readonly PushedLine[] {
  const lines: PushedLine[] = [];
  for (const [i, line] of body.split("\n").entries()) {
    const text = line.trim();
    if (text !== "") lines.push({ line: i + 1, text });
    if (lines.length > MAX_ROWS) break;
  }
  return lines;
}

function jsonLines(body: string): readonly PushedLine[] | string {
  try {
    const { samples } = (JSON.parse(body) ?? {}) as { readonly samples?: unknown };
    if (!Array.isArray(samples)) return 'expected {"samples": [...]}';
    const rows: readonly unknown[] = samples.slice(0, MAX_ROWS + 1);
    return rows.map((sample, i) => ({ line: i + 1, text: JSON.stringify(sample) }));
  } catch (error) {
    // The engine's own words of it are about its stack.
    if (error instanceof RangeError) return "the body is nested too deeply";
    return `the body is not JSON: ${messageOf(error)}`;
  }
}

/** Reads each line by the rules of all samples, then by what this sender may say. Never throws. */
export function readRows(lines: readonly PushedLine[], rules: RowRules): PushedRows {
  const rows: (RateSample | BlockSample)[] = [];
  const refused: RefusedRow[] = [];
  for (const { line, text } of lines) {
    const row = readRow(text, rules);
    if (typeof row === "string") refused.push({ line, why: row });
    else rows.push(row);
  }
  return { rows, refused };
}

function readRow(text: string, rules: RowRules): RateSample | BlockSample | string {
  const parsed = parseSampleLine(text);
  if (!parsed.ok) return parsed.why;
  const { sample, network } = parsed;
  const { sender } = rules;
  if (network !== undefined && network !== sender.network)
    return `"network" is ${quoted(network)}; ${sender.name} speaks of ${sender.network}`;
  if (sample.kind !== "rate" && sample.kind !== "block")
    return "only hash rates and blocks are taken, not what a poller writes";
  const fault = timeFault(sample, rules) ?? foreign(sample, sender);
  if (fault !== undefined) return fault;
  const source = `push:${sender.name}`;
  if (sample.kind === "block") return { ...sample, source };
  return { ...sample, source, basis: sample.basis ?? (sample.region ? "server-location" : "pool-reported") };
}

function timeFault(sample: RateSample | BlockSample, { intervalMs, now }: RowRules): string | undefined {
  const { at, observedAt, backfilled } = sample;
  const reachMs = INTERVALS * intervalMs;
  if (Math.abs(at - now) > reachMs)
    return `"at" is ${isoTime(at)}; taken are times within ${reachMs / 60_000} minutes of now, ${isoTime(Math.round(now))}`;
  if (observedAt !== undefined && observedAt > now + OBSERVED_AHEAD_MS)
    return `"observedAt" is ${isoTime(observedAt)}, after now, ${isoTime(Math.round(now))}`;
  if (backfilled === true) return "history is not taken here: leave out backfilled";
  return undefined;
}

function foreign(sample: RateSample | BlockSample, sender: PushSender): string | undefined {
  if (!sender.pools.includes(sample.pool)) return `${sender.name} may not speak for the pool ${quoted(sample.pool)}`;
  const region = sample.kind === "rate" ? sample.region : undefined;
  if (region === undefined)
    return sender.wholePools ? undefined : `${sender.name} may only send figures of regions: ${list(sender)}`;
  if (sender.regions.includes(region)) return undefined;
  return `${sender.name} may not speak for the region ${region}; allowed: ${list(sender)}`;
}

function list({ regions }: PushSender): string {
  return regions.length === 0 ? "none, figures of whole pools alone" : regions.join(", ");
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 61)}...` : name);
}
