/** One open alert: what fell, how much, since when, how it is now, why it is believed, and who has it in hand. */

import type { DeliveredAlert } from "../model/alert.ts";
import { type AckItem, ackTexts } from "./acks.ts";
import { whyParts } from "./alert-why.ts";
import { headlineOf } from "./alert-words.ts";
import { type AlertItem, type PoolItem, send } from "./api.ts";
import { h, type Shown, setText } from "./dom.ts";
import { byWhom, field, nameInput, unfolding } from "./form.ts";
import { clock, dayAndClock, duration, hashrate, interval, localClock, percent } from "./format.ts";
import { addressOfAlert } from "./route.ts";
import { type Muted, silenceForm } from "./silences.ts";
import { verdictFields } from "./verdict.ts";

export interface AlertCardActions {
  /** Data time now, ms. */
  now(): number;
  /** Shows the region's history. */
  select(region: string): void;
  /** A silence was made: ask for the lists again. */
  silenced(): Promise<void>;
  /** Until when it is muted; undefined when it is not. */
  silencedUntil(alert: DeliveredAlert): string | undefined;
  acknowledged(alert: AlertItem): void;
  acksOf(alert: DeliveredAlert): readonly AckItem[];
  /** Whether the address names it. */
  isAddressed(alert: DeliveredAlert): boolean;
  /** How far down what it speaks of is at the newest tick, with the figures. */
  current(alert: DeliveredAlert): { readonly drop: string; readonly figures: string } | undefined;
  /** Pools that the evidence does not name, as they are now. */
  bystanders(alert: DeliveredAlert): readonly PoolItem[];
}

function fact(term: string, value: string, note = ""): HTMLElement {
  return h("div", {}, h("dt", {}, term), h("dd", {}, value, note === "" ? null : h("small", {}, note)));
}

/** What the alert says. `now` is data time for its age; absent for one that has ended. */
export function facts(
  alert: DeliveredAlert,
  now?: number,
  current?: { readonly drop: string; readonly figures: string },
): HTMLElement {
  const { lost, drop, startedAt, startedAtLow, startedAtHigh } = alert;
  const range = startedAtLow && startedAtHigh ? `${clock(startedAtLow)} to ${clock(startedAtHigh)}` : "";
  const local = localClock(startedAt);
  const age = now === undefined ? "" : `${duration(now - Date.parse(startedAt))} ago`;
  return h(
    "dl",
    { class: "facts-list" },
    fact("Since, UTC", dayAndClock(startedAt), [range, local && `here ${local}`, age].filter(Boolean).join(", ")),
    lost ? fact("Lost", hashrate(lost.hashrate), `${hashrate(lost.low)} to ${hashrate(lost.high)}`) : null,
    lost ? fact("Of the network", percent(lost.networkShare, 1)) : null,
    drop ? fact("Drop", percent(drop.estimate), `${percent(drop.low)} to ${percent(drop.high)}`) : null,
    current ? fact("At the newest tick", current.drop, current.figures) : null,
    lost?.expectedBlockIntervalSeconds ? fact("Blocks every", interval(lost.expectedBlockIntervalSeconds)) : null,
  );
}

/** A card whose open details, forms and focus survive updates. */
export function alertCard(first: DeliveredAlert, actions: AlertCardActions): Shown<DeliveredAlert> {
  let alert = first;
  let drawn = "";
  const title = h("h3", { id: `alert-${first.id}` });
  const badge = h("span", { class: "badge" });
  const body = h("div", { class: "alert-body" });
  const why = h("div", { class: "why" });
  const acked = h("ul", { class: "acks" });
  const link = h("a", { class: "permalink", href: addressOfAlert(first.id) });
  const show = h("button", { type: "button", class: "quiet" }, "History");
  show.addEventListener("click", () => alert.region && actions.select(alert.region));
  const note = h("input", { type: "text", maxlength: 2000, placeholder: "may be empty" });
  const by = nameInput();
  const { fields: judged, verdict } = verdictFields(() => alert);
  const ack = unfolding(
    "Acknowledge",
    [field("Note", note, true), field("Your name", by), ...judged],
    "Acknowledge",
    async () => {
      const body = { note: note.value, ...verdict(), ...byWhom(by) };
      actions.acknowledged(await send<AlertItem>("POST", `/alerts/${encodeURIComponent(alert.id)}/ack`, body));
      note.value = "";
    },
  );
  const muted = (): Muted => ({
    network: alert.network,
    ...(alert.region === null ? {} : { region: alert.region }),
    ...(alert.pool === undefined ? {} : { pool: alert.pool }),
  });
  const mute = silenceForm(muted, () => actions.silenced(), { name: "Silence" });
  title.append(link);
  const element = h(
    "article",
    { class: "alert", tabindex: -1, "aria-labelledby": title.id },
    h("header", {}, badge, title),
    body,
    acked,
    h("details", {}, h("summary", {}, "Why"), why),
    h("div", { class: "actions" }, show, ack.button, mute.button),
    ack.form,
    mute.form,
  );

  function update(item: DeliveredAlert): void {
    alert = item;
    const until = actions.silencedUntil(alert);
    element.className = `alert ${alert.severity}${until === undefined ? "" : " silenced"}`;
    element.dataset.id = alert.id;
    element.dataset.region = alert.region ?? "";
    element.classList.toggle("addressed", actions.isAddressed(alert));
    setText(link, headlineOf(alert));
    const marks = [
      alert.severity,
      alert.ambiguous ? "ambiguous" : "",
      until ? `silenced until ${dayAndClock(until)}` : "",
    ];
    setText(badge, marks.filter(Boolean).join(", "));
    const lines = ackTexts(actions.acksOf(alert));
    acked.hidden = lines.length === 0;
    if (acked.childElementCount !== lines.length)
      acked.replaceChildren(...lines.map((text) => h("li", { class: "ack" }, text)));
    setText(ack.button, lines.length > 0 ? "Acknowledge again" : "Acknowledge");
    show.hidden = alert.region === null;
    mute.button.hidden = until !== undefined || (alert.region === null && alert.pool === undefined);
    body.replaceChildren(facts(alert, actions.now(), actions.current(alert)));
    const key = `${alert.revision}`;
    if (key === drawn) return;
    drawn = key;
    why.replaceChildren(...whyParts(alert, actions.bystanders(alert)));
  }

  return { element, update };
}
