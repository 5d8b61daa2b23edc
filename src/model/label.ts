/**
 * Labels: what somebody says an alert really was. A row of a tick like all others, so that a replay learns what the live run
 * learned, at the same tick.
 */
import type { AckVerdict } from "./ack.ts";
import { parseTime, type Refusal, refuse, shown } from "./line-parts.ts";
import { isRegionCode, OTHER_REGION } from "./region.ts";
import { isoTime } from "./tick.ts";

/** What is said of an alert; `reset` forgets everything that was learned. */
export type LabelVerdict = AckVerdict | "reset";
export const LABEL_VERDICTS = ["right", "wrong", "other", "none", "reset"] as const satisfies readonly LabelVerdict[];

export interface LabelSample {
  readonly kind: "label";
  /** Data time in milliseconds; the tick that covers it is the tick at which it is learned from. */
  readonly at: number;
  /** Who says it. */
  readonly source: string;
  /** The alert's id; empty for `reset`. */
  readonly alert: string;
  readonly verdict: LabelVerdict;
  /** The region that fell, with the verdict `other`. */
  readonly region?: string;
}

const MOST_ID = 200;

/** What makes a label unusable, as `"field": what is expected`; null when nothing does. */
export function labelFault({ source, alert, verdict, region }: LabelSample): string | null {
  if (typeof source !== "string" || source === "" || source.length > 100) return '"source": 1 to 100 characters';
  if (!LABEL_VERDICTS.includes(verdict)) return `"label": one of ${LABEL_VERDICTS.join(", ")}`;
  if (verdict !== "reset" && (typeof alert !== "string" || alert === "" || alert.length > MOST_ID))
    return `"alert": an alert's id of up to ${MOST_ID} characters`;
  if (verdict !== "other") return region === undefined ? null : '"region": none, but with "other"';
  if (region === undefined || !isRegionCode(region) || region === OTHER_REGION)
    return '"region": a code like KZ or US-TX';
  return null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the fields of a line that has `label`. */
export function parseLabel(row: Fields): LabelSample | Refusal {
  const at = parseTime(row.at);
  if (!Number.isFinite(at)) return refuse("time", `"at" is ${shown(row.at)}; expected ISO 8601 with a zone`);
  const label: LabelSample = {
    kind: "label",
    at,
    source: row.source as string,
    alert: (row.alert ?? "") as string,
    verdict: row.label as LabelVerdict,
    ...(row.region === undefined ? {} : { region: row.region as string }),
  };
  const fault = labelFault(label);
  return fault === null ? label : refuse("label", `a label that cannot be used; expected ${fault}`);
}

/** The fields of a line; `parseLabel` reads them back to the same sample. */
export function labelFields({ at, source, alert, verdict, region }: LabelSample): Fields {
  return {
    at: isoTime(at),
    source,
    label: verdict,
    ...(alert === "" ? {} : { alert }),
    ...(region === undefined ? {} : { region }),
  };
}
