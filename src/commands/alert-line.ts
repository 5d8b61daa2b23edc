/** One alert event as one line for a terminal. */
import { styleText } from "node:util";
import type { AlertEvent } from "../model/alert.ts";
import { subjectOf } from "../model/alert-subject.ts";
import { escapeControls } from "../model/clean-text.ts";
import { formatHashrate, formatProbability, formatShare } from "../model/format.ts";

const COLOURS = { info: "cyan", warning: "yellow", critical: "red" } as const;

/**
 * Nothing that a server says can steer the terminal.
 *
 * `10:50Z opened critical KZ: down 71 % (50 to 95 %) since 10:32Z, lost 21.3 EH/s (12 % of bitcoin), probability 97 %`
 */
export function alertLine(alert: AlertEvent, options: { readonly colour: boolean }): string {
  const parts: string[] = [];
  if (alert.type === "resolved") {
    parts.push(alert.resolution ?? "over");
    if (alert.endedAt !== undefined) parts.push(`ended ${alert.endedAt}`);
    if (alert.supersededBy !== undefined) parts.push(`see ${alert.supersededBy}`);
  } else {
    if (alert.drop !== undefined) {
      const { estimate, low, high } = alert.drop;
      parts.push(`down ${formatShare(estimate)} (${formatShare(low)} to ${formatShare(high)})`);
    }
    if (alert.verdict !== undefined) parts.push(alert.verdict);
    parts.push(`since ${alert.startedAt}`);
    if (alert.lost !== undefined) {
      parts.push(
        `lost ${formatHashrate(alert.lost.hashrate)}, ${formatShare(alert.lost.networkShare)} of ${alert.network}`,
      );
    }
    const best = alert.candidates?.[0];
    if (alert.region !== null && best !== undefined) parts.push(`probability ${formatProbability(best.probability)}`);
    if (alert.cause !== undefined && alert.cause.hint !== "unknown") parts.push(alert.cause.why);
  }
  const what = alert.type === "resolved" ? "resolved" : `${alert.type} ${alert.severity}`;
  const head = escapeControls(`${what} ${subjectOf(alert)}`);
  const colour = alert.type === "resolved" ? "green" : COLOURS[alert.severity];
  const shown = options.colour ? styleText([colour, "bold"], head, { validateStream: false }) : head;
  return `${escapeControls(alert.at)} ${shown}: ${escapeControls(parts.join(", "))}`;
}
