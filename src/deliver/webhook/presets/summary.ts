/** An alert as texts that people read: title, one sentence, facts, foot. */
import type { DeliveredAlert } from "../../../model/alert.ts";
import { sentence, subjectOf } from "../../../model/alert-subject.ts";
import { formatHashrate, formatShare } from "../../../model/format.ts";
import type { PayloadContext } from "./preset.ts";

const POOLS_SHOWN = 4;
/** Red, orange, blue; green for an end. */
const COLORS = { info: "3b82f6", warning: "f59e0b", critical: "dc2626" } as const;
const COLOR_OF_END = "16a34a";

/** `KZ: opened, critical`; a test says so first. */
export function titleOf(alert: DeliveredAlert, { isTest }: Pick<PayloadContext, "isTest">): string {
  const what = alert.type === "resolved" ? "resolved" : `${alert.type}, ${alert.severity}`;
  return `${isTest ? "TEST, nothing happened: " : ""}${sentence(subjectOf(alert))}: ${what}`;
}

/** RGB in six hexadecimal digits. */
export function severityColor({ type, severity }: DeliveredAlert): string {
  return type === "resolved" ? COLOR_OF_END : COLORS[severity];
}

/** Name and value of everything that is known, in the order in which people ask for it. */
export function factsOf(alert: DeliveredAlert): readonly (readonly [string, string])[] {
  const { startedAt, startedAtLow, startedAtHigh, endedAt } = alert;
  const between =
    startedAtLow === undefined || startedAtHigh === undefined ? "" : ` (${startedAtLow} to ${startedAtHigh})`;
  const evidence = [...(alert.evidence ?? [])].sort((a, b) => b.score - a.score).slice(0, POOLS_SHOWN);
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ["Network", alert.network],
    [alert.scope === "region" ? "Region" : "Subject", sentence(subjectOf(alert))],
    ["Drop", dropOf(alert)],
    ["Lost", lostOf(alert)],
    ["Since", `${startedAt}${between}`],
    ["Probability", probabilityOf(alert)],
    ["Pools", evidence.length === 0 ? null : evidence.map(({ pool }) => pool).join(", ")],
    ["Likely cause", alert.cause?.hint === "unknown" ? null : alert.cause?.why],
    ["Ended", endedAt === undefined ? null : `${endedAt}, ${alert.resolution ?? "resolved"}`],
  ];
  return facts.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
}

/** That the alert has moved on since this event was said; null when it has not. */
export function lateness(alert: DeliveredAlert, { history }: Pick<PayloadContext, "history">): string | null {
  const newest = history.at(-1);
  if (newest === undefined || newest.revision <= alert.revision) return null;
  return `Late: said at ${alert.at}, since then ${newest.type} (revision ${newest.revision})`;
}

/** Which event this is, and that it comes late where it does. */
export function footOf(alert: DeliveredAlert, context: Pick<PayloadContext, "history">): string {
  const late = lateness(alert, context);
  return [...(late === null ? [] : [late]), `${alert.id} · revision ${alert.revision} · ${alert.at}`].join(" · ");
}

/** `KZ lost 71 % (50 % to 95 %) of its hash rate since 2022-01-05T10:32:00Z: 21 EH/s, 12 % of bitcoin` */
export function summaryOf(alert: DeliveredAlert): string {
  const subject = sentence(subjectOf(alert));
  if (alert.type === "resolved")
    return `${subject}: ${alert.resolution ?? "resolved"}, ended ${alert.endedAt ?? alert.at}`;
  if (alert.scope === "source") return `${subject} is ${alert.verdict ?? "stale"} since ${alert.startedAt}`;
  const drop = dropOf(alert);
  const lost = lostOf(alert);
  const how = drop === null ? "fell" : `lost ${drop} of its hash rate`;
  return `${subject} ${how} since ${alert.startedAt}${lost === null ? "" : `: ${lost}`}`;
}

/** `71 % (50 % to 95 %)`; null when unknown. */
export function dropOf({ drop }: DeliveredAlert): string | null {
  if (drop === undefined) return null;
  return `${formatShare(drop.estimate)} (${formatShare(drop.low)} to ${formatShare(drop.high)})`;
}

/** `21 EH/s, 12 % of bitcoin`; null when unknown. */
export function lostOf({ lost, network }: DeliveredAlert): string | null {
  return lost === undefined
    ? null
    : `${formatHashrate(lost.hashrate)}, ${formatShare(lost.networkShare)} of ${network}`;
}

/** `KZ 97 %, RU 2 %`: the named region and its rivals; null when none are known. */
export function probabilityOf({ candidates }: DeliveredAlert): string | null {
  if (candidates === undefined || candidates.length === 0) return null;
  return candidates
    .slice(0, 4)
    .map(({ region, probability }) => `${region} ${formatShare(probability)}`)
    .join(", ");
}
