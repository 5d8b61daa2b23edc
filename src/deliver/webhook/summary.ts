/** An alert as one sentence, and its parts as people read them. */
import { formatHashrate, formatShare } from "../../cli/units.ts";
import type { DeliveredAlert } from "../../model/alert.ts";
import { CANDIDATE_PROBABILITY } from "../filter.ts";

/** `KZ lost 71 % (50 % to 95 %) of its hash rate since 2022-01-05T10:32:00Z: 21 EH/s, 12 % of bitcoin` */
export function summaryOf(alert: DeliveredAlert): string {
  const subject = subjectOf(alert);
  if (alert.type === "resolved")
    return `${subject}: ${alert.resolution ?? "resolved"}, ended ${alert.endedAt ?? alert.at}`;
  if (alert.scope === "source") return `${subject} is ${alert.verdict ?? "stale"} since ${alert.startedAt}`;
  const drop = dropOf(alert);
  const lost = lostOf(alert);
  const how = drop === null ? "fell" : `lost ${drop} of its hash rate`;
  return `${subject} ${how} since ${alert.startedAt}${lost === null ? "" : `: ${lost}`}`;
}

/** Who fell: a region, the candidates while it is not sure, a pool, a source or the network. */
export function subjectOf(alert: DeliveredAlert): string {
  if (alert.scope === "pool") return `Pool ${alert.pool ?? "?"}`;
  if (alert.scope === "source") return alert.source ? `Source ${alert.source}` : `Network ${alert.network}`;
  if (alert.scope === "network") return `Network ${alert.network}`;
  if (alert.region !== null) return alert.region;
  const likely = (alert.candidates ?? []).filter(({ probability }) => probability >= CANDIDATE_PROBABILITY);
  return likely.length === 0 ? "A region" : likely.map(({ region }) => region).join(" or ");
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
