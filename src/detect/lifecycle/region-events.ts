/** Writes the events and bundles of regional alerts. */
import type { AlertEvent } from "../../model/alert.ts";
import { isoTime } from "../../model/tick.ts";
import { eventBase, rounded, type TickContext } from "./context.ts";
import type { RegionAlert } from "./open-alert.ts";

const fraction = (value: number): number => rounded(Math.min(1, Math.max(0, value)), 3);

export function regionEvent(context: TickContext, alert: RegionAlert, type: AlertEvent["type"]): AlertEvent {
  const { blockIntervalSeconds } = context.compiled.model;
  const share = fraction(alert.lost.networkShare);
  return {
    ...eventBase(context, alert, "region", type),
    region: alert.region,
    ambiguous: alert.region === null,
    startedAtLow: isoTime(alert.startedAtLow),
    startedAtHigh: isoTime(alert.startedAtHigh),
    lost: {
      hashrate: rounded(alert.lost.estimate),
      low: rounded(alert.lost.low),
      high: rounded(alert.lost.high),
      networkShare: share,
      ...(blockIntervalSeconds === undefined || share >= 1
        ? {}
        : { expectedBlockIntervalSeconds: Math.round(blockIntervalSeconds / (1 - share)) }),
    },
    drop: {
      estimate: fraction(alert.drop.estimate),
      low: fraction(alert.drop.low),
      high: fraction(alert.drop.high),
    },
    candidates: alert.candidates.map((entry) => ({ region: entry.region, probability: fraction(entry.probability) })),
    evidence: alert.evidence,
  };
}

/** Publishes the next revision of an alert. */
export function say(context: TickContext, alert: RegionAlert, type: "opened" | "updated"): void {
  alert.revision += 1;
  alert.updatedAt = context.at;
  alert.said = {
    region: alert.region,
    lost: alert.lost.estimate,
    drop: alert.drop.estimate,
    low: alert.lost.low,
    high: alert.lost.high,
    startedAt: alert.startedAt,
  };
  const event = regionEvent(context, alert, type);
  context.events.push(event);
  const bundle = context.evidence.get(alert.id);
  if (bundle) context.bundles.push({ id: alert.id, revision: alert.revision, bundle: bundle(event) });
}

export function sayResolved(
  context: TickContext,
  alert: RegionAlert,
  resolution: NonNullable<AlertEvent["resolution"]>,
  endedAt: number,
  supersededBy?: string,
): void {
  alert.revision += 1;
  context.events.push({
    ...regionEvent(context, alert, "resolved"),
    endedAt: isoTime(endedAt),
    resolution,
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(alert.regime === undefined
      ? {}
      : {
          cause: {
            hint: "unknown" as const,
            why: `accepted as the new normal: weights of ${alert.region} count ${Math.round(alert.regime * 100)} % of the configured ones from now on`,
          },
        }),
  });
}
