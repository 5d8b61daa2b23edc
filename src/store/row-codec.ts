/**
 * How a row lies in the hash of its tick: the field is what makes it the same row when it comes again, the value is
 * the rest. Short on purpose: Redis keeps a hash packed only while its values stay under 64 bytes.
 */
import { type LabelSample, type LabelVerdict, labelFault } from "../model/label.ts";
import { BASES, type Basis, type PoolSample, type Sample } from "../model/sample.ts";
import { readWitness, witnessName, witnessValue } from "./witness-codec.ts";

/** Stands in no name of a source, pool or region. */
const SEPARATOR = "\u001f";
/** The one field of a tick's hash that is no row: real time at which the newest row was stored. */
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

/** Name of a row inside its tick. `movedFrom` is the tick that it came too late for. */
export function rowName(row: Sample, movedFrom?: number): string {
  const parts = namesOf(row);
  return join(movedFrom === undefined ? parts : [...parts, movedFrom.toString(36)]);
}

/** The rest of a row; `tick` is what `at` is left out for. */
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

/** When it was said is a part of the name: somebody may say another thing in the same tick, and the later one holds. */
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

/** A row that is moved out of its decided tick stands at its new tick, and keeps when it was really seen. */
export function movedRowValue(row: Sample): string {
  // A fact says itself when it was observed.
  if (row.kind === "witness") return witnessValue({ ...row, at: 0 }, 0);
  if (row.kind === "label") return labelValue(row);
  return poolRowValue({ ...row, observedAt: row.observedAt ?? row.at, at: 0 }, 0);
}

/** Reads a field back; null for the mark that a moved row leaves, and for fields that are no rows. */
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
