/**
 * State as bytes: a small JSON head and the numbers as they lie in memory, little-endian. A state that is encoded and read
 * back goes on bit for bit as one that stayed in memory.
 *   "HFS1" | u32 length of the head | head (UTF-8 JSON) | sections of numbers, 8-byte aligned, in the head's order
 */
import { HashfallError, messageOf } from "../../model/errors.ts";
import { Z_90 } from "../model/normal.ts";
import type { Row } from "../model/score-model.ts";
import { type Compiled, rowKey } from "../network-model.ts";
import { emptyGateRow } from "../quality/gate.ts";
import { PAUSES_KNOWN } from "../quality/warm-up.ts";
import type { ScaleState } from "../statistics/scale-state.ts";
import { nothingLearned } from "../weights/learned.ts";
import type { Interval, PoolAlert } from "./alert-state.ts";
import { stateOf, withRows } from "./initial.ts";
import type { DetectorState } from "./state.ts";

type Numbers = Float64Array | Float32Array | Int32Array;

function scaleParts(scale: ScaleState): { numbers: Numbers[]; scalars: number[] } {
  const { filters, units, chosen, seen, missing, reference, ringInnovation, ringVariance, slotAt, sumA, sumB } = scale;
  return {
    numbers: [...filters, ...units, chosen, seen, missing, reference, ringInnovation, ringVariance, slotAt, sumA, sumB],
    scalars: [scale.at, scale.ringHead, scale.slots],
  };
}

/** Number of sections that the first released state did not have. Where they are missing they stay empty. */
const APPENDED = 2;

function numbersOf(state: DetectorState): Numbers[] {
  return [
    ...scaleParts(state.fast).numbers,
    ...scaleParts(state.slow).numbers,
    state.history,
    state.slowHistory,
    state.recent,
    state.recentAt,
    // Appended later: older states end here.
    state.days,
    state.windowSums,
  ];
}

const SCALARS = [
  "at",
  "historyHead",
  "historyAt",
  "slowHead",
  "slowAt",
  "daysAt",
  "windows",
  "parts",
  "rests",
  "alerts",
  "withheld",
  "pending",
  "blind",
  "blindSince",
  "poolLow",
  "poolBase",
  "poolHalved",
  "networkTicks",
  "networkFalls",
  "networkFallTicks",
  "blockFeed",
  "firstAt",
  "scores",
  "fastOpenAt",
  "closedAt",
  "episodes",
  "regimes",
  "slowRestartAt",
  "gate",
  "witnesses",
  "signalRates",
  "learned",
  "notOpened",
  "detectable",
] as const;

function blockText(compiled: Compiled, state: DetectorState): string | null {
  if (!compiled.blocks || !state.blocks) return null;
  return Buffer.from(compiled.blocks.encode(state.blocks)).toString("base64");
}

export function encodeState(compiled: Compiled, state: DetectorState): Uint8Array {
  const numbers = numbersOf(state);
  const head = {
    rows: state.rows,
    fast: scaleParts(state.fast).scalars,
    slow: scaleParts(state.slow).scalars,
    blocks: blockText(compiled, state),
    lengths: numbers.map((part) => part.length),
    ...Object.fromEntries(SCALARS.map((key) => [key, state[key]])),
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const bytes = new Uint8Array(numbers.reduce((sum, part) => sum + Math.ceil(part.byteLength / 8) * 8, start));
  bytes.set(new TextEncoder().encode("HFS1"));
  new DataView(bytes.buffer).setUint32(4, text.length, true);
  bytes.set(text, 8);
  let offset = start;
  for (const part of numbers) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += Math.ceil(part.byteLength / 8) * 8;
  }
  return bytes;
}

function unreadable(why: string): HashfallError {
  return new HashfallError("STATE_UNREADABLE", `these bytes are no detector state: ${why}`);
}

type Head = { rows: Row[]; fast: number[]; slow: number[]; lengths: number[]; blocks: string | null } & Pick<
  DetectorState,
  (typeof SCALARS)[number]
>;

/** Present names of fields by their names in states of earlier releases. */
const RENAMED: Readonly<Record<string, string>> = {
  wideTicks: "networkTicks",
  dips: "networkFalls",
  dipTicks: "networkFallTicks",
};
const RENAMED_IN_ALERTS: Readonly<Record<string, string>> = { said: "published" };
const RENAMED_IN_WITNESSES: Readonly<Record<string, string>> = { saidAt: "heardAt" };

type Fields = Readonly<Record<string, unknown>>;

/** The same fields, in the same order, under their present names. */
function renamed(fields: Fields, names: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [names[name] ?? name, value]));
}

function withNamesOfNow(head: Fields): Fields {
  const named: Record<string, unknown> = { ...renamed(head, RENAMED) };
  const parts = [
    ["alerts", RENAMED_IN_ALERTS],
    ["withheld", RENAMED_IN_ALERTS],
    ["witnesses", RENAMED_IN_WITNESSES],
  ] as const;
  for (const [part, names] of parts) {
    const list = named[part];
    if (Array.isArray(list)) named[part] = list.map((entry: Fields) => renamed(entry, names));
  }
  return named;
}

function readHead(bytes: Uint8Array): { head: Head; start: number } {
  if (bytes.length < 8 || new TextDecoder().decode(bytes.subarray(0, 4)) !== "HFS1") throw unreadable("no HFS1 mark");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (8 + length > bytes.length) throw unreadable("cut short in the head");
  try {
    const head = withNamesOfNow(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Fields) as Head;
    if (!Array.isArray(head.rows) || !Array.isArray(head.lengths)) throw unreadable("the head lacks rows or lengths");
    return { head, start: Math.ceil((8 + length) / 8) * 8 };
  } catch (error) {
    if (error instanceof HashfallError) throw error;
    throw unreadable(messageOf(error));
  }
}

/** Pool alerts in older states have a size and its standard deviation instead of an interval. */
function withInterval(alert: PoolAlert): void {
  const { lost, lostSd = 0.02 * alert.base } = alert as { lost: number | Interval; lostSd?: number };
  if (typeof lost !== "number") return;
  const spread = Z_90 * lostSd;
  alert.lost = { estimate: lost, low: Math.max(0, lost - spread), high: Math.min(alert.base, lost + spread) };
  alert.published = lost;
  alert.score = 0;
}

/** Reads what `encodeState` wrote under this or another model of the network. Throws `STATE_UNREADABLE`. */
export function decodeState(compiled: Compiled, bytes: Uint8Array): DetectorState {
  const { head, start } = readHead(bytes);
  const state = stateOf(compiled, head.rows, head.windows);
  const numbers = numbersOf(state);
  let offset = start;
  const known = head.lengths.length;
  const same =
    known <= numbers.length &&
    known >= numbers.length - APPENDED &&
    head.lengths.every((length, k) => numbers[k]!.length === length);
  if (same) {
    for (const part of numbers.slice(0, known)) {
      if (offset + part.byteLength > bytes.length) throw unreadable("cut short in the numbers");
      const raw = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      raw.set(bytes.subarray(offset, offset + part.byteLength));
      offset += Math.ceil(part.byteLength / 8) * 8;
    }
  }
  for (const [scale, scalars] of [
    [state.fast, head.fast],
    [state.slow, head.slow],
  ] as const) {
    if (!same) continue;
    [scale.at = 0, scale.ringHead = 0, scale.slots = 0] = scalars;
  }
  const { rows: _rows, fast: _fast, slow: _slow, lengths: _lengths, blocks, ...rest } = head;
  Object.assign(state, same ? rest : { alerts: head.alerts, at: head.at, firstAt: head.firstAt });
  // Older states hold neither the number of pauses that a row's pace was learned from nor the start of a unit slip.
  state.gate = state.gate.map((gate) => {
    const whole = Object.assign(emptyGateRow(), { pauses: PAUSES_KNOWN }, gate);
    // States from before the quarantine begin it at the row's level.
    if (gate.steps === undefined) Object.assign(whole.steps, { lastGood: gate.level, high: gate.level });
    return whole;
  });
  // Older states hold no witnesses, episodes and dips.
  state.witnesses = head.witnesses ?? [];
  state.detectable = head.detectable ?? {};
  state.signalRates = head.signalRates ?? [];
  state.learned = head.learned ?? nothingLearned();
  state.episodes = head.episodes ?? [];
  state.notOpened = head.notOpened ?? [];
  state.networkFalls = head.networkFalls ?? [];
  state.networkFallTicks = head.networkFallTicks ?? 0;
  state.poolHalved = same ? (head.poolHalved ?? head.rows.map(() => 0)) : head.rows.map(() => 0);
  for (const alert of state.alerts) if (alert.scope === "pool") withInterval(alert);
  state.parts = same ? (head.parts ?? head.rows.map(() => 0)) : head.rows.map(() => 0);
  state.rests = same ? (head.rests ?? {}) : {};
  state.windows = same ? (head.windows ?? head.rows.map(() => 0)) : head.rows.map(() => 0);
  if (compiled.blocks && blocks !== null) state.blocks = compiled.blocks.decode(Buffer.from(blocks, "base64"));
  const pools = new Set(compiled.pools.map((pool) => pool.id));
  const wanted: Row[] = [
    ...compiled.pools.map((pool) => ({ pool: pool.id, region: null })),
    ...head.rows.filter((row) => row.region !== null && pools.has(row.pool)),
  ];
  const unchanged =
    wanted.length === head.rows.length && wanted.every((row, k) => rowKey(row) === rowKey(head.rows[k]!));
  return unchanged ? state : withRows(compiled, state, wanted);
}
