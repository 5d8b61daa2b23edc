/**
 * The one parser of figures and their units. Decimal SI prefixes only; an unknown unit is an error, never a guess.
 * Null means that the upstream said "unknown". Nothing here turns what cannot be read into zero.
 */
import { z } from "zod";
import { MAX_DIFFICULTY, MAX_HASHRATE } from "../../model/sample.ts";
import { excerpt, SourceFailure } from "../failure.ts";

/** Whether a number can be a difficulty. */
export function isDifficulty(value: number | null): value is number {
  return value !== null && value > 0 && value < MAX_DIFFICULTY;
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

/** Digits with dots and commas in them, an exponent, and the unit that follows. */
const FIGURE = /^([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*([A-Za-z/][A-Za-z/ ]*)?$/;
/** One reading: digits, a fraction after a dot. */
const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** One reading too: two groups of thousands or more, or one with a fraction after a dot. */
const GROUPED = /^[+-]?[1-9]\d{0,2}(?:(?:,\d{3}){2,}(?:\.\d+)?|,\d{3}\.\d+)$/;
/** `5,432`: thousands to some, a fraction to others. */
const ONE_GROUP = /^[+-]?[1-9]\d{0,2},\d{3}$/;
/** A prefix alone, `H`, `Hash`, `hashes`, each with a prefix and `/s`, `/sec`, `ps`, `per second`. Sol/s and G/s (graphs) are others. */
const UNIT = /^([kmgtpezy]?)(?:(?:h|hash|hashes)(?:\/?s|\/sec|\/second|ps|pers|persec|persecond)?)?$/i;
const UNKNOWN = new Set(["", "-", "n/a", "null", "unknown"]);

/** Whether a text is a unit of hash rate, like `GH/s`, `T` or `KH/sec`. */
export function isHashrateUnit(unit: string): boolean {
  return factorOf(unit) !== undefined;
}

/** A unit of hash rate in the configuration. */
export const hashrateUnit = z.string().refine(isHashrateUnit, "a unit of hash rate, like H/s, GH/s or EH/s");

/** H/s per unit, like 1e12 for `TH/s` or `T`. Throws a semantic failure for anything that is no unit of hashes. */
export function unitFactor(unit: string): number {
  const factor = factorOf(unit);
  if (factor === undefined) throw new SourceFailure("semantic", `"${excerpt(unit.trim())}" is no unit of hash rate`);
  return factor;
}

function factorOf(unit: string): number | undefined {
  const match = UNIT.exec(unit.replaceAll(/\s/g, ""));
  return match ? PREFIX[match[1]!.toLowerCase()] : undefined;
}

/**
 * A number as upstreams write it: JSON number, numeric string, with thousands commas or an exponent, above 2^53 too.
 * Counts and prices come so: `5,432` is taken for thousands here, and only here.
 * Null for null, undefined and words for "unknown". Throws a semantic failure for NaN, infinities and other text.
 */
export function parseNumber(value: unknown): number | null {
  const { digits, unit } = split(value);
  if (unit) throw new SourceFailure("semantic", `"${excerpt(value)}" has a unit where a bare number was expected`);
  if (digits === null || typeof digits === "number") return digits;
  return numberOf(ONE_GROUP.test(digits) ? digits.replace(",", "") : digits, value);
}

/**
 * H/s from a figure. A unit in the text itself (`"1.48T"`, `"23.5 EH/s"`) wins over the one that the API documents or the
 * configuration says, since whoever wrote it beside the figure knew the figure.
 *
 * @param unit what holds for a bare number; H/s when absent
 * @returns null when the upstream said "unknown"; never negative, never above 1e24
 */
export function parseHashrate(value: unknown, unit?: string): number | null {
  const { digits, unit: own } = split(value);
  return inRange(digits, own || unit || "H/s", value);
}

/**
 * H/s from a figure and the unit that the same document says in a field beside it. A unit in the text as well has to be
 * the same: of two that differ nobody knows which is right.
 */
export function parseHashrateBeside(value: unknown, unit: unknown): number | null {
  if (unit !== undefined && typeof unit !== "string") {
    throw new SourceFailure("semantic", `the unit is ${excerpt(unit)}, expected text`);
  }
  const { digits, unit: own } = split(value);
  const beside = unit?.trim() ?? "";
  if (digits !== null && own !== "" && beside !== "" && unitFactor(own) !== unitFactor(beside)) {
    throw new SourceFailure("semantic", `"${excerpt(value)}" has another unit than the "${beside}" beside it`);
  }
  return inRange(digits, own || beside || "H/s", value);
}

function inRange(digits: string | number | null, unit: string, value: unknown): number | null {
  if (digits === null) return null;
  const hashrate = (typeof digits === "number" ? digits : numberOf(digits, value)) * unitFactor(unit);
  if (hashrate < 0) throw new SourceFailure("semantic", `a negative hash rate: ${excerpt(value)}`);
  if (hashrate > MAX_HASHRATE) throw new SourceFailure("semantic", `${excerpt(value)} is beyond any hash rate`);
  return hashrate;
}

/** Height of a chain, as a number or as text; undefined for anything else, since nothing depends on it. */
export function heightOf(value: unknown): number | undefined {
  const height = typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof height === "number" && Number.isSafeInteger(height) && height > 0 ? height : undefined;
}

/** The figure (a number, or its digits as text) and the unit behind it; null digits for "unknown". */
function split(value: unknown): { digits: string | number | null; unit: string } {
  if (value === null || value === undefined) return { digits: null, unit: "" };
  if (typeof value === "number") return { digits: finite(value, value), unit: "" };
  if (typeof value !== "string") throw new SourceFailure("semantic", `${excerpt(value)} is no number`);
  const text = value.trim();
  if (UNKNOWN.has(text.toLowerCase())) return { digits: null, unit: "" };
  const match = FIGURE.exec(text);
  if (!match?.[1] || !/\d/.test(match[1])) throw new SourceFailure("semantic", `"${excerpt(value)}" is no number`);
  return { digits: match[1], unit: match[2]?.trim() ?? "" };
}

/** Throws a semantic failure for digits with two readings, and for what is no number. */
function numberOf(digits: string, value: unknown): number {
  if (PLAIN.test(digits)) return finite(Number(digits), value);
  if (GROUPED.test(digits)) return finite(Number(digits.replaceAll(",", "")), value);
  const said = `"${excerpt(value)}"`;
  if (!digits.includes(",")) throw new SourceFailure("semantic", `${said} is no number`);
  throw new SourceFailure("semantic", `${said} has two readings: is the comma for thousands or for a fraction?`, {
    advice:
      "its figure is not used, since it could be wrong by a factor of a thousand; another endpoint or language may say it with a dot",
  });
}

function finite(number: number, value: unknown): number {
  if (!Number.isFinite(number)) throw new SourceFailure("semantic", `${excerpt(String(value))} is no finite number`);
  return number;
}
