/** What the readers of sample lines share. */
import { escapeControls } from "./clean-text.ts";
import type { Sample, TickSample } from "./sample.ts";

export type LineFault =
  | "not-json"
  | "not-an-object"
  | "time"
  | "pool"
  | "hashrate"
  | "region"
  | "height"
  | "difficulty"
  | "shape"
  | "witness"
  | "label"
  | "field";

export type ParsedLine =
  | { readonly ok: true; readonly sample: Sample | TickSample; readonly network?: string }
  | { readonly ok: false; readonly fault: LineFault; readonly why: string };

export type Refusal = Extract<ParsedLine, { ok: false }>;

export const refuse = (fault: LineFault, why: string): Refusal => ({ ok: false, fault, why });

/** A readable, short form of a refused value: whole lines of somebody else's data do not belong in a log. Never throws. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : jsonOf(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A hundred thousand levels are beyond the stack.
    return "a value that is nested too deeply";
  }
}

/** Text of 1 to `most` characters that can be shown anywhere as it is. */
export function isName(value: unknown, most: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= most && escapeControls(value) === value;
}

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** The text that was read last, and its moment: the lines of a tick share one, and reading it is a third of a line. */
let lastText = "";
let lastTime = Number.NaN;

/** Milliseconds of an ISO 8601 moment that says its zone; NaN for anything else. */
export function parseTime(value: unknown): number {
  if (typeof value !== "string") return Number.NaN;
  if (value !== lastText) {
    lastTime = UTC.test(value) ? Date.parse(value) : Number.NaN;
    lastText = value;
  }
  return lastTime;
}
