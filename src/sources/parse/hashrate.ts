/**
 * The one parser of figures and their units. Decimal SI prefixes only; an unknown unit is an error, never a guess.
 * Null means that the upstream said "unknown". Nothing here turns what cannot be read into zero.
 */
import { excerpt, SourceFailure } from "../failure.ts";

/** A figure above this is no hash rate of this century: some unit slipped. */
export const MAX_HASHRATE = 1e24;

/** Whether a number can be a difficulty: Bitcoin's was 1.5e14 in 2025, and a million times that is no chain's. */
export function isDifficulty(value: number | null): value is number {
  return value !== null && value > 0 && value < 1e20;
}

const PREFIX: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  p: 1e15,
  e: 1e18,
  z: 1e21,
  y: 1e24,
};

/** Digits (with or without thousands commas), a fraction, an exponent, and what follows. */
const FIGURE = /^\s*([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([A-Za-z/][A-Za-z/ ]*)?\s*$/;
/** A prefix alone, `H`, `H/s`, `Hash/s`, `hps`, each with a prefix. Sol/s and G/s (graphs) are other quantities. */
const UNIT = /^([kmgtpezy]?)(?:h|h\/s|hs|hps|hash|hash\/s|hashes\/s)?$/i;
const UNKNOWN = new Set(["", "-", "n/a", "null", "unknown"]);

/** H/s per unit, like 1e12 for `TH/s` or `T`. Throws a semantic failure for anything that is no unit of hashes. */
export function unitFactor(unit: string): number {
  const word = unit.trim();
  const match = UNIT.exec(word);
  const factor = match ? PREFIX[match[1]!.toLowerCase()] : undefined;
  if (factor === undefined) throw new SourceFailure("semantic", `"${excerpt(word)}" is no unit of hash rate`);
  return factor;
}

/**
 * A number as upstreams write it: JSON number, numeric string, with thousands commas or an exponent, above 2^53 too.
 * Null for null, undefined and words for "unknown". Throws a semantic failure for NaN, infinities and other text.
 */
export function parseNumber(value: unknown): number | null {
  const { number, unit } = split(value);
  if (unit) throw new SourceFailure("semantic", `"${excerpt(value)}" has a unit where a bare number was expected`);
  return number;
}

/**
 * H/s from a figure and its unit: in the text itself (`"1.48T"`, `"23.5 EH/s"`), or in `unit` (a sibling field, or what
 * the API documents). Both at once have to agree.
 *
 * @returns null when the upstream said "unknown"; never negative, never above 1e24
 */
export function parseHashrate(value: unknown, unit?: unknown): number | null {
  const { number, unit: own } = split(value);
  if (number === null) return null;
  if (unit !== undefined && typeof unit !== "string") {
    throw new SourceFailure("semantic", `the unit is ${excerpt(unit)}, expected text`);
  }
  const said = unit?.trim() ? unitFactor(unit) : undefined;
  const inText = own ? unitFactor(own) : undefined;
  if (said !== undefined && inText !== undefined && said !== inText) {
    throw new SourceFailure("semantic", `"${excerpt(value)}" has another unit than the "${unit}" beside it`);
  }
  const hashrate = number * (inText ?? said ?? 1);
  if (hashrate < 0) throw new SourceFailure("semantic", `a negative hash rate: ${excerpt(value)}`);
  if (hashrate > MAX_HASHRATE) throw new SourceFailure("semantic", `${excerpt(value)} is beyond any hash rate`);
  return hashrate;
}

function split(value: unknown): { number: number | null; unit: string } {
  if (value === null || value === undefined) return { number: null, unit: "" };
  if (typeof value === "number") return { number: finite(value, value), unit: "" };
  if (typeof value !== "string") throw new SourceFailure("semantic", `${excerpt(value)} is no number`);
  if (UNKNOWN.has(value.trim().toLowerCase())) return { number: null, unit: "" };
  const match = FIGURE.exec(value);
  if (!match?.[1] || !/\d/.test(match[1])) throw new SourceFailure("semantic", `"${excerpt(value)}" is no number`);
  return { number: finite(Number(match[1].replaceAll(",", "")), value), unit: match[2]?.trim() ?? "" };
}

function finite(number: number, value: unknown): number {
  if (!Number.isFinite(number)) throw new SourceFailure("semantic", `${excerpt(String(value))} is no finite number`);
  return number;
}
