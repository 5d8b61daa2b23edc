/** An alert in words: what fell and how it ended. */
import type { DeliveredAlert } from "../model/alert.ts";
import { sentence, subjectOf as subject } from "../model/alert-subject.ts";
import { percent, regionName } from "./format.ts";

/** `Kazakhstan`, `Kazakhstan or Russia`, `Pool antpool`, `Network bitcoin`. */
export function subjectOf(alert: DeliveredAlert): string {
  return sentence(subject(alert, regionName));
}

/** `Kazakhstan lost 71 % of its hash rate` */
export function headlineOf(alert: DeliveredAlert): string {
  const subject = subjectOf(alert);
  if (alert.scope === "source")
    return alert.verdict === "blind" ? `${subject}: we are blind` : `${subject} repeats an old figure`;
  if (!alert.drop) return `${subject} fell`;
  return `${subject} lost ${percent(alert.drop.estimate)} of its hash rate`;
}

const ENDS: Readonly<Record<NonNullable<DeliveredAlert["resolution"]>, string>> = {
  recovered: "recovered",
  "new-regime": "stayed and is the new normal",
  retracted: "taken back",
  reattributed: "found to be something else",
};

/** How a resolved alert ended. */
export function endOf({ resolution }: DeliveredAlert): string {
  return resolution === undefined ? "ended" : ENDS[resolution];
}
