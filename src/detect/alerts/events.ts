/** Writes the events and bundles of regional alerts. */
import type { AlertEvent, Severity } from "../../model/alert.ts";
import { compactTime, isoTime } from "../../model/tick.ts";
import { DETECTOR_VERSION } from "../contract.ts";
import type { RegionAlert } from "../state/alert-state.ts";
import type { TickContext } from "../state/tick-context.ts";

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
    candidates: alert.candidates.map(({ region, probability, withoutWitnesses = probability, inWeights }) => ({
      region,
      probability: fraction(probability),
      withoutWitnesses: fraction(withoutWitnesses),
      ...(inWeights === false ? { inWeights } : {}),
    })),
    evidence: alert.evidence,
  };
}

/** Publishes the next revision of an alert. */
export function emit(context: TickContext, alert: RegionAlert, type: "opened" | "updated"): void {
  alert.revision += 1;
  alert.updatedAt = context.at;
  alert.published = {
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

export function emitResolved(
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

/**
 * An alert's id, like `bitcoin-region-20220105T1050Z-1`: network, scope, opening tick, and a number within that tick and
 * scope.
 */
export function nextId(context: TickContext, scope: AlertEvent["scope"]): string {
  const taken = context.events.filter((event) => event.scope === scope && event.type === "opened").length;
  return `${context.compiled.model.network}-${scope}-${compactTime(context.at)}-${taken + 1}`;
}

/** The fields that every event has. */
export function eventBase(
  context: TickContext,
  alert: { readonly id: string; readonly revision: number; readonly severity: Severity; readonly startedAt: number },
  scope: AlertEvent["scope"],
  type: AlertEvent["type"],
): AlertEvent {
  return {
    type,
    id: alert.id,
    revision: alert.revision,
    network: context.compiled.model.network,
    scope,
    region: null,
    ambiguous: false,
    severity: alert.severity,
    at: isoTime(context.at),
    startedAt: isoTime(alert.startedAt),
    detectorVersion: DETECTOR_VERSION,
    configHash: context.compiled.model.configHash,
  };
}

/** Four significant digits: more would be noise in a figure, and the same bits everywhere. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
