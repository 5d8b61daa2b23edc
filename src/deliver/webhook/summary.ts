/** An alert as one sentence, and its parts as people read them. */
import type { DeliveredAlert } from "../../model/alert.ts";
import { sentence, subjectOf } from "../../model/alert-subject.ts";
import { formatHashrate, formatShare } from "../../model/format.ts";

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
