/** What one tick's lifecycle works on. */
import type { AlertEvent, Severity } from "../../model/alert.ts";
import { compactTime, isoTime } from "../../model/tick.ts";
import type { Compiled, Layout } from "../compiled.ts";
import type { ExplainBundle } from "../contract.ts";
import type { DetectorState } from "../state/state.ts";

export const DETECTOR_VERSION = "1";

export interface TickContext {
  readonly compiled: Compiled;
  readonly layout: Layout;
  readonly state: DetectorState;
  readonly at: number;
  readonly events: AlertEvent[];
  readonly bundles: ExplainBundle[];
  /** Makes the bundle of an alert that was fitted at this tick, by the alert's id. */
  readonly evidence: Map<string, (event: AlertEvent) => unknown>;
}

/** `bitcoin-region-20220105T1050Z-1`: the tick that opened it, and which of that tick's of its scope. */
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
