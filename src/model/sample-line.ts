/**
 * NDJSON lines of samples: what `export` and `simulate` write and `replay` reads. One object a line; unknown fields are
 * ignored; a line that cannot be used says why and is the reader's to count and skip.
 */
import { labelFields, parseLabel } from "./label-line.ts";
import { isName, type ParsedLine, parseTime, refuse, shown } from "./line-parts.ts";
import { isRegionCode } from "./region.ts";
import {
  BASES,
  type Basis,
  type BlockSample,
  MAX_DIFFICULTY,
  MAX_HASHRATE,
  MAX_WINDOW_SECONDS,
  type RateSample,
  type Sample,
  type TickSample,
} from "./sample.ts";
import { isoTime } from "./tick.ts";
import { parseWitness, witnessFields } from "./witness-line.ts";

export { type LineFault, type ParsedLine, parseTime } from "./line-parts.ts";

interface Common {
  at: number;
  pool: string;
  source?: string;
  observedAt?: number;
  backfilled?: boolean;
}

function parseCommon(row: Record<string, unknown>): Common | ParsedLine {
  const at = parseTime(row.at);
  if (!Number.isFinite(at)) {
    return refuse("time", `"at" is ${shown(row.at)}; expected ISO 8601 with a zone, like 2022-01-05T10:30:00Z`);
  }
  if (!isName(row.pool, 64)) {
    return refuse("pool", `"pool" is ${shown(row.pool)}; expected a name of 1 to 64 printable characters`);
  }
  const common: Common = { at, pool: row.pool };
  if (row.source !== undefined) {
    if (row.source !== "" && !isName(row.source, 128))
      return refuse("field", `"source" is ${shown(row.source)}; expected at most 128 printable characters`);
    common.source = row.source;
  }
  if (row.observedAt !== undefined) {
    const observedAt = parseTime(row.observedAt);
    if (!Number.isFinite(observedAt)) {
      return refuse("time", `"observedAt" is ${shown(row.observedAt)}; expected ISO 8601 with a zone`);
    }
    common.observedAt = observedAt;
  }
  if (row.backfilled !== undefined) {
    if (typeof row.backfilled !== "boolean") {
      return refuse("field", `"backfilled" is ${shown(row.backfilled)}; expected true or false`);
    }
    common.backfilled = row.backfilled;
  }
  return common;
}

function parseBlock(row: Record<string, unknown>, common: Common): BlockSample | ParsedLine {
  const { height, difficulty } = row;
  if (typeof height !== "number" || !Number.isSafeInteger(height) || height < 0) {
    return refuse("height", `"height" is ${shown(height)}; expected a whole number`);
  }
  if (typeof difficulty !== "number" || !(difficulty > 0 && difficulty <= MAX_DIFFICULTY)) {
    return refuse(
      "difficulty",
      `"difficulty" is ${shown(difficulty)}; expected a number above 0, at most ${MAX_DIFFICULTY}`,
    );
  }
  return { kind: "block", ...common, height, difficulty };
}

function parseRate(row: Record<string, unknown>, common: Common): RateSample | ParsedLine {
  const { hashrate, region, basis, windowSeconds } = row;
  if (typeof hashrate !== "number" || !(hashrate >= 0 && hashrate <= MAX_HASHRATE)) {
    return refuse("hashrate", `"hashrate" is ${shown(hashrate)}; expected H/s, at least 0 and at most ${MAX_HASHRATE}`);
  }
  const sample: { -readonly [K in keyof RateSample]: RateSample[K] } = { kind: "rate", ...common, hashrate };
  if (region !== undefined && region !== null) {
    if (typeof region !== "string" || !isRegionCode(region)) {
      return refuse("region", `"region" is ${shown(region)}; expected a code like KZ, US-TX or a declared name`);
    }
    sample.region = region;
  }
  if (basis !== undefined) {
    if (!BASES.includes(basis as Basis))
      return refuse("field", `"basis" is ${shown(basis)}; one of ${BASES.join(", ")}`);
    sample.basis = basis as Basis;
  }
  if (windowSeconds !== undefined) {
    if (typeof windowSeconds !== "number" || !(windowSeconds > 0 && windowSeconds <= MAX_WINDOW_SECONDS)) {
      return refuse(
        "field",
        `"windowSeconds" is ${shown(windowSeconds)}; expected seconds above 0, at most ${MAX_WINDOW_SECONDS}`,
      );
    }
    sample.windowSeconds = windowSeconds;
  }
  return sample;
}

/** What begins the lines of a backup that stand between its samples: they are for a restore alone. */
export const BACKUP_PREFIX = '{"backup":';

/** Reads one line. Never throws; says in `why` what was found and what is allowed. */
export function parseSampleLine(line: string): ParsedLine {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return refuse("not-json", `not JSON: ${shown(line)}`);
  }
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    return refuse("not-an-object", `${shown(row)} is not an object`);
  }
  const fields = row as Record<string, unknown>;
  const network = typeof fields.network === "string" ? { network: fields.network } : {};
  if (fields.tick === true) {
    const at = parseTime(fields.at);
    if (!Number.isFinite(at)) return refuse("time", `"at" is ${shown(fields.at)}; expected ISO 8601 with a zone`);
    return { ok: true, sample: { kind: "tick", at }, ...network };
  }
  if ("witness" in fields) {
    const said = parseWitness(fields);
    return "ok" in said ? said : { ok: true, sample: said, ...network };
  }
  if ("label" in fields) {
    const said = parseLabel(fields);
    return "ok" in said ? said : { ok: true, sample: said, ...network };
  }
  const common = parseCommon(fields);
  if ("ok" in common) return common;
  const block = "height" in fields || "difficulty" in fields;
  if (!block && !("hashrate" in fields)) return refuse("shape", 'neither "hashrate" nor "height" and "difficulty"');
  const sample = block ? parseBlock(fields, common) : parseRate(fields, common);
  return "ok" in sample ? sample : { ok: true, sample, ...network };
}

/** One line without its newline; `parseSampleLine` reads it back to the same sample. */
export function formatSampleLine(sample: Sample | TickSample, options: { readonly network?: string } = {}): string {
  const network = options.network === undefined ? {} : { network: options.network };
  if (sample.kind === "tick") return JSON.stringify({ at: isoTime(sample.at), tick: true, ...network });
  if (sample.kind === "witness") return JSON.stringify({ ...witnessFields(sample), ...network });
  if (sample.kind === "label") return JSON.stringify({ ...labelFields(sample), ...network });
  const { kind, at, observedAt, ...rest } = sample;
  const seen = observedAt === undefined ? {} : { observedAt: isoTime(observedAt) };
  return JSON.stringify({ at: isoTime(at), ...rest, ...seen, ...network });
}
