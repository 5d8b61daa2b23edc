/** Severity: at opening from the lost share of the network and the probability that the alert is right; time only raises it. */

import type { Severity } from "../../model/alert.ts";
import { DAY_SECONDS } from "../../model/time-units.ts";
import type { DetectionSettings } from "../contract.ts";
import { itemAt } from "../model/elements.ts";

/** A fall that lasts this long is raised by one severity. */
export const RAISE_AFTER_SECONDS = DAY_SECONDS;

export function severityOf(settings: DetectionSettings["severity"], share: number, probability: number): Severity {
  if (probability >= settings.minProbability && share >= settings.criticalShare) return "critical";
  return share >= settings.warningShare ? "warning" : "info";
}

const LADDER: readonly Severity[] = ["info", "warning", "critical"];

/** The higher of the current severity and that of the lost share, which counts one step more after RAISE_AFTER_SECONDS. */
export function raisedSeverity(now: Severity, fromShare: Severity, openSeconds: number): Severity {
  const rank = Math.max(LADDER.indexOf(now), LADDER.indexOf(fromShare));
  const lasting = openSeconds >= RAISE_AFTER_SECONDS ? Math.min(2, LADDER.indexOf(fromShare) + 1) : 0;
  return itemAt(LADDER, Math.max(rank, lasting));
}
