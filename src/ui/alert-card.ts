/** One alert: what fell, how much, since when, how surely, and why it is believed. */
import type { DeliveredAlert } from "../model/alert.ts";
import { type PoolItem, send } from "./api.ts";
import { h, type Shown, setText } from "./dom.ts";
import { evidenceTable, standing } from "./evidence.ts";
import {
  clock,
  dayAndClock,
  duration,
  hashrate,
  interval,
  probability as likelihood,
  percent,
  regionName,
} from "./format.ts";

export interface AlertCardActions {
  /** Data time now, ms. */
  now(): number;
  /** Shows the region's history. */
  select(region: string): void;
  silence(alert: DeliveredAlert): Promise<void>;
  isSilenced(alert: DeliveredAlert): boolean;
  /** Pools that the evidence does not name, as they are now. */
  bystanders(alert: DeliveredAlert): readonly PoolItem[];
}

const CAUSES: Readonly<Record<string, string>> = {
  connectivity: "Loss of connectivity",
  curtailment: "Curtailment",
  "pool-outage": "Outage of a pool",
  "pool-migration": "Miners moving between pools",
  unknown: "Cause unknown",
};

/** `Kazakhstan`, `Kazakhstan or Russia`, `antpool`, `bitcoin`. */
export function subjectOf(alert: DeliveredAlert): string {
  if (alert.scope === "pool") return alert.pool ?? "A pool";
  if (alert.scope === "source") return alert.source ?? alert.network;
  if (alert.scope === "network") return `All of ${alert.network}`;
  if (alert.region !== null) return regionName(alert.region);
  const likely = (alert.candidates ?? []).filter(({ probability }) => probability >= 0.1).slice(0, 3);
  return likely.map(({ region }) => regionName(region)).join(" or ") || "An unnamed region";
}

/** `Kazakhstan lost 71 % of its hash rate` */
export function headlineOf(alert: DeliveredAlert): string {
  const subject = subjectOf(alert);
  if (alert.scope === "source")
    return alert.verdict === "blind" ? `${subject}: we are blind` : `${subject} repeats an old figure`;
  if (!alert.drop) return `${subject} fell`;
  return `${subject} lost ${percent(alert.drop.estimate)} of its hash rate`;
}

function fact(term: string, value: string, note = ""): HTMLElement {
  return h("div", {}, h("dt", {}, term), h("dd", {}, value, note === "" ? null : h("small", {}, note)));
}

function facts(alert: DeliveredAlert, now: number): HTMLElement {
  const { lost, drop, startedAt, startedAtLow, startedAtHigh } = alert;
  const range = startedAtLow && startedAtHigh ? `${clock(startedAtLow)} to ${clock(startedAtHigh)}` : "";
  return h(
    "dl",
    { class: "facts-list" },
    fact(
      "Since",
      dayAndClock(startedAt),
      [range, `${duration(now - Date.parse(startedAt))} ago`].filter(Boolean).join(", "),
    ),
    lost
      ? fact("Lost", hashrate(lost.hashrate), `${hashrate(lost.low)} to ${hashrate(lost.high)}`)
      : drop
        ? fact("Drop", percent(drop.estimate), `${percent(drop.low)} to ${percent(drop.high)}`)
        : null,
    lost ? fact("Of the network", percent(lost.networkShare, 1)) : null,
    lost && drop ? fact("Drop", percent(drop.estimate), `${percent(drop.low)} to ${percent(drop.high)}`) : null,
    lost?.expectedBlockIntervalSeconds ? fact("Blocks every", interval(lost.expectedBlockIntervalSeconds)) : null,
  );
}

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
    : "Explanations and their probability";
  return h("div", {}, h("h4", {}, title), h("ol", { class: "rivals" }, ...candidates.slice(0, 6).map(row)));
}

/** A card whose open details and focus survive updates. */
export function alertCard(first: DeliveredAlert, actions: AlertCardActions): Shown<DeliveredAlert> {
  let alert = first;
  let drawn = "";
  const title = h("h3", { id: `alert-${first.id}` });
  const badge = h("span", { class: "badge" });
  const body = h("div", { class: "alert-body" });
  const why = h("div", { class: "why" });
  const mute = h("button", { type: "button", class: "quiet" }, "Silence 4 h");
  const acknowledge = h("button", { type: "button", class: "quiet" }, "Acknowledge");
  const said = h("span", { class: "said", role: "status" });
  const show = h("button", { type: "button", class: "quiet" }, "History");
  const element = h(
    "article",
    { class: "alert", "aria-labelledby": title.id },
    h("header", {}, badge, title),
    body,
    h("details", {}, h("summary", {}, "Why"), why),
    h("div", { class: "actions" }, show, acknowledge, mute, said),
  );
  show.addEventListener("click", () => alert.region && actions.select(alert.region));
  acknowledge.addEventListener("click", () => {
    const note = window.prompt("Note for the others (may be empty)", "");
    if (note === null) return;
    send("POST", `/alerts/${encodeURIComponent(alert.id)}/ack`, { note }).then(
      () => setText(said, "Acknowledged"),
      (error: Error) => setText(said, error.message),
    );
  });
  mute.addEventListener("click", () => {
    actions.silence(alert).catch((error: Error) => setText(said, error.message));
  });

  function update(item: DeliveredAlert): void {
    alert = item;
    const silenced = actions.isSilenced(alert);
    element.className = `alert ${alert.severity}${silenced ? " silenced" : ""}`;
    element.dataset.id = alert.id;
    element.dataset.region = alert.region ?? "";
    setText(title, headlineOf(alert));
    setText(badge, silenced ? "silenced" : alert.ambiguous ? `${alert.severity}, ambiguous` : alert.severity);
    show.hidden = alert.region === null;
    mute.hidden = silenced || (alert.region === null && alert.pool === undefined);
    body.replaceChildren(facts(alert, actions.now()));
    const key = `${alert.revision}`;
    if (key === drawn) return;
    drawn = key;
    const cause = alert.cause
      ? h("p", { class: "cause" }, h("strong", {}, CAUSES[alert.cause.hint] ?? alert.cause.hint), ` ${alert.cause.why}`)
      : null;
    const stood = alert.scope === "region" ? standing(actions.bystanders(alert)) : null;
    const stamp = h(
      "p",
      { class: "stamp" },
      `${alert.id}, revision ${alert.revision}, said at ${dayAndClock(alert.at)}`,
    );
    why.replaceChildren(...[cause, rivals(alert), evidenceTable(alert), stood, stamp].filter((part) => part !== null));
  }

  return { element, update };
}
