/** An alert in words: what fell and how it ended. */
import type { DeliveredAlert } from "../model/alert.ts";
import { percent, regionName } from "./format.ts";

/** `Kazakhstan`, `Kazakhstan or Russia`, `antpool`, `bitcoin`. */
export function subjectOf(alert: DeliveredAlert): string {
  if (alert.scope === "pool") return alert.pool ?? "A pool";
  if (alert.scope === "source") return alert.source ?? alert.network;
  if (alert.scope === "network") return `All of ${alert.network}`;
  if (alert.region !== null) return regionName(alert.region);
  const likely = (alert.candidates ?? []).filter(({ probability }) => probability >= 0.1).slice(0, 3);
  return likely.map(({ region }) => regionName(region)).join(" or ") || "An unnamed region";
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
