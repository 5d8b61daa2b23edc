/**
 * Labels: what somebody says an alert really was. A row of a tick like all others, so that a replay learns what the live run
 * learned, at the same tick.
 */
import type { AckVerdict } from "./ack.ts";
import { isRegionCode, OTHER_REGION } from "./region.ts";

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
