/**
 * Encodes a row in the hash of its tick: the field identifies the row when it comes again, the value holds the rest. Both are
 * short, because Redis keeps a hash packed only while its values stay under 64 bytes.
 */
import { type LabelSample, type LabelVerdict, labelFault } from "../model/label.ts";
import { BASES, type Basis, type PoolSample, type Sample } from "../model/sample.ts";
import { readWitness, witnessName, witnessValue } from "./witness-codec.ts";

/** No name of a source, pool or region contains it. */
const SEPARATOR = "\u001f";
/** The only field of a tick's hash that is no row: real time at which the newest row was stored, ms. */
export const STORED_AT_FIELD = "at";

const time36 = (at: number | undefined): string => (at === undefined ? "" : at.toString(36));
const fromTime36 = (text: string | undefined): number | undefined => (text ? Number.parseInt(text, 36) : undefined);

function join(parts: readonly string[]): string {
  if (parts.some((part) => part.includes(SEPARATOR)))
    throw new RangeError("a name in a sample has a control character");
  return parts.join(SEPARATOR);
}

function namesOf(row: Sample): string[] {
  if (row.kind === "witness") return ["w", ...witnessName(row)];
  if (row.kind === "label") return ["l", row.source, row.alert, time36(row.at)];
  const last = row.kind === "rate" ? (row.region ?? "") : String(row.height);
  return [row.kind === "rate" ? "r" : "b", row.source ?? "", row.pool, last];
}

/** The row's field in its tick's hash. `movedFrom`: the tick that the row was too late for. */
export function rowName(row: Sample, movedFrom?: number): string {
  const parts = namesOf(row);
  return join(movedFrom === undefined ? parts : [...parts, movedFrom.toString(36)]);
}

/** The row's value. Its `at` is left out where it equals `tick`. */
export function rowValue(row: Sample, tick: number): string {
  if (row.kind === "label") return labelValue(row);
  return row.kind === "witness" ? witnessValue(row, tick) : poolRowValue(row, tick);
}

function poolRowValue(row: PoolSample, tick: number): string {
  const isRate = row.kind === "rate";
  return [
    String(isRate ? row.hashrate : row.difficulty),
    isRate && row.basis !== undefined ? String(BASES.indexOf(row.basis)) : "",
    row.at === tick ? "" : time36(row.at),
    time36(row.observedAt),
    isRate && row.windowSeconds !== undefined ? String(row.windowSeconds) : "",
    row.backfilled ? "1" : "",
  ]
    .join(",")
    .replace(/,+$/, "");
}

/** A label's value. Its time is part of the name: a person may change a verdict within a tick, and the later one counts. */
function labelValue({ verdict, region }: LabelSample): string {
  return region === undefined ? verdict : `${verdict},${region}`;
}

function readLabel(name: readonly string[], value: string, tick: number): LabelSample | null {
  const [source = "", alert = "", said, movedFrom] = name;
  const [verdict = "", region] = value.split(",");
  const at = movedFrom === undefined ? (fromTime36(said) ?? tick) : tick;
  const label = { kind: "label", at, source, alert, verdict: verdict as LabelVerdict } as const;
  const whole: LabelSample = region === undefined ? label : { ...label, region };
  return labelFault(whole) === null ? whole : null;
}

/** The value of a row that is moved to a later tick. It keeps the time at which it was observed. */
export function movedRowValue(row: Sample): string {
  // A fact contains the time at which it was observed.
  if (row.kind === "witness") return witnessValue({ ...row, at: 0 }, 0);
  if (row.kind === "label") return labelValue(row);
  return poolRowValue({ ...row, observedAt: row.observedAt ?? row.at, at: 0 }, 0);
}

/** Decodes a field; null for the mark that a moved row leaves, and for fields that are no rows. */
export function readRow(name: string, value: string, tick: number): Sample | null {
  const [kind, ...rest] = name.split(SEPARATOR);
  if (kind === "w") return value === "" ? null : readWitness(rest, value, tick);
  if (kind === "l") return value === "" ? null : readLabel(rest, value, tick);
  const [source = "", pool = "", last = ""] = rest;
  if (value === "" || (kind !== "r" && kind !== "b")) return null;
  const [figure, basis, at, observed, windowSeconds, backfilled] = value.split(",");
  const observedAt = fromTime36(observed);
  const common = {
    at: fromTime36(at) ?? tick,
    pool,
    ...(source === "" ? {} : { source }),
    ...(observedAt === undefined ? {} : { observedAt }),
    ...(backfilled === "1" ? { backfilled: true } : {}),
  };
  if (kind === "b") return { kind: "block", ...common, height: Number(last), difficulty: Number(figure) };
  const known: Basis | undefined = basis ? BASES[Number(basis)] : undefined;
  return {
    kind: "rate",
    ...common,
    hashrate: Number(figure),
    ...(last === "" ? {} : { region: last }),
    ...(known === undefined ? {} : { basis: known }),
    ...(windowSeconds ? { windowSeconds: Number(windowSeconds) } : {}),
  };
}
