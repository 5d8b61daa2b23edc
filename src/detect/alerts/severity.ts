/** Severity: at opening from the lost share of the network and the probability that the alert is right; time only raises it. */

import type { Severity } from "../../model/alert.ts";
import type { SeveritySettings } from "../contract.ts";
import { itemAt } from "../model/elements.ts";
import type { TickContext } from "../state/tick-context.ts";

export function severityOf(settings: SeveritySettings, share: number, probability: number): Severity {
  if (probability >= settings.minProbability && share >= settings.criticalShare) return "critical";
  return share >= settings.warningShare ? "warning" : "info";
}

const LADDER: readonly Severity[] = ["info", "warning", "critical"];

/** Whether an alert has been open for so long that its severity counts one step more. */
export function isLasting({ compiled, at }: Pick<TickContext, "compiled" | "at">, openedAt: number): boolean {
  return at - openedAt >= compiled.settings.raiseAfterSeconds * 1000;
}

/** The higher of the current severity and that of the lost share, which counts one step more for an alert that lasts. */
export function raisedSeverity(now: Severity, fromShare: Severity, lasts: boolean): Severity {
  const rank = Math.max(LADDER.indexOf(now), LADDER.indexOf(fromShare));
  const lasting = lasts ? Math.min(2, LADDER.indexOf(fromShare) + 1) : 0;
  return itemAt(LADDER, Math.max(rank, lasting));
}
