/** One alert event as one line for a terminal. */
import { styleText } from "node:util";
import type { AlertEvent } from "../model/alert.ts";

const PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z"] as const;

/** `21.3 EH/s`: three digits, decimal prefixes. */
export function formatHashrate(hashrate: number): string {
  const power = Math.min(PREFIXES.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(hashrate) || 1) / 3)));
  return `${(hashrate / 10 ** (3 * power)).toPrecision(3)} ${PREFIXES[power]}H/s`;
}

const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;

const COLOURS = { info: "cyan", warning: "yellow", critical: "red" } as const;

/** Who fell: a region, the candidates while it is not sure, a pool, a source or the network. */
export function alertSubject(alert: AlertEvent): string {
  if (alert.scope === "region") {
    if (alert.region !== null) return alert.region;
    return (alert.candidates ?? []).map(({ region, probability }) => `${region} ${percent(probability)}`).join(" or ");
  }
  if (alert.scope === "pool") return `pool ${alert.pool ?? "?"}`;
  if (alert.scope === "source") return alert.source ? `source ${alert.source}` : `network ${alert.network}`;
  return `network ${alert.network}`;
}

/**
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
      parts.push(`down ${percent(estimate)} (${percent(low)} to ${percent(high)})`);
    }
    if (alert.verdict !== undefined) parts.push(alert.verdict);
    parts.push(`since ${alert.startedAt}`);
    if (alert.lost !== undefined) {
      parts.push(
        `lost ${formatHashrate(alert.lost.hashrate)}, ${percent(alert.lost.networkShare)} of ${alert.network}`,
      );
    }
    const best = alert.candidates?.[0];
    if (alert.region !== null && best !== undefined) parts.push(`probability ${percent(best.probability)}`);
    if (alert.cause !== undefined && alert.cause.hint !== "unknown") parts.push(alert.cause.why);
  }
  const what = alert.type === "resolved" ? "resolved" : `${alert.type} ${alert.severity}`;
  const head = `${what} ${alertSubject(alert)}`;
  const colour = alert.type === "resolved" ? "green" : COLOURS[alert.severity];
  const shown = options.colour ? styleText([colour, "bold"], head, { validateStream: false }) : head;
  return `${alert.at} ${shown}: ${parts.join(", ")}`;
}
