/** Why an alert is believed: the cause that was seen, the rivals, what each pool shows, and how fast it came. */
import type { DeliveredAlert } from "../model/alert.ts";
import type { PoolItem } from "./api.ts";
import { h } from "./dom.ts";
import { evidenceTable, standing } from "./evidence.ts";
import { dayAndClock, probability as likelihood, regionName, seconds } from "./format.ts";

const CAUSES: Readonly<Record<string, string>> = {
  connectivity: "Loss of connectivity",
  curtailment: "Curtailment",
  "pool-outage": "Outage of a pool",
  "pool-migration": "Miners moving between pools",
  unknown: "Cause unknown",
};

function rivals(alert: DeliveredAlert): HTMLElement | null {
  const { candidates } = alert;
  if (!candidates || candidates.length === 0) return null;
  const row = ({ region, probability }: { region: string; probability: number }) => {
    const bar = h("span", { class: "fill" });
    bar.style.setProperty("--share", String(probability));
    return h(
      "li",
      {},
      h("span", { class: "name" }, regionName(region)),
      h("span", { class: "bar", "aria-hidden": "true" }, bar),
      h("span", { class: "number" }, likelihood(probability)),
    );
  };
  const title = alert.ambiguous
    ? "It is one of these; the data cannot yet say which"
    : "Regions that could explain it, and how probable each is";
  return h("div", {}, h("h4", {}, title), h("ol", { class: "rivals" }, ...candidates.slice(0, 6).map(row)));
}

/** Said of this very event: its name, its time, and how long the figures took to get here. */
function stamp(alert: DeliveredAlert): HTMLElement {
  const { sampledAt, publishedAt } = alert.latency ?? {};
  const took =
    sampledAt && publishedAt
      ? `published ${seconds(Date.parse(publishedAt) - Date.parse(sampledAt))} after its figures came`
      : "";
  const price = alert.context?.priceUsd;
  const cost = price === undefined ? "" : `a coin at $${Math.round(price).toLocaleString("en")}`;
  const name = `${alert.id}, revision ${alert.revision}`;
  return h("p", { class: "stamp" }, [name, `said at ${dayAndClock(alert.at)}`, took, cost].filter(Boolean).join(", "));
}

/** @param bystanders pools that the evidence does not name, as they are now; empty when that no longer tells anything */
export function whyParts(alert: DeliveredAlert, bystanders: readonly PoolItem[]): HTMLElement[] {
  const cause = alert.cause
    ? h("p", { class: "cause" }, h("strong", {}, CAUSES[alert.cause.hint] ?? alert.cause.hint), ` ${alert.cause.why}`)
    : null;
  const stood = alert.scope === "region" ? standing(bystanders) : null;
  return [cause, rivals(alert), evidenceTable(alert), stood, stamp(alert)].filter((part) => part !== null);
}
