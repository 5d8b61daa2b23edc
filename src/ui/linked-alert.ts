/** The alert that the address names, where it is not among the open ones: how it was, revision by revision. */

import type { DeliveredAlert } from "../model/alert.ts";
import { messageOf } from "../model/errors.ts";
import { acksOf, ackTexts } from "./acks.ts";
import { facts } from "./alert-card.ts";
import { whyParts } from "./alert-why.ts";
import { endOf, headlineOf } from "./alert-words.ts";
import { type AlertDetail, one } from "./api.ts";
import { byId, h } from "./dom.ts";
import { dayAndClock, percent } from "./format.ts";
import { alertOfAddress } from "./route.ts";
import type { State } from "./state.ts";

/** The alert that the address names: `open` has a card, `ended` is to be shown by itself, or says why it cannot be. */
export async function findAddressed(
  state: State,
): Promise<{ readonly open?: DeliveredAlert; readonly ended?: AlertDetail | string } | null> {
  const id = alertOfAddress(location.hash);
  if (id === undefined) return null;
  const open = state.open.get(id);
  if (open !== undefined) return { open };
  try {
    const alert = await one<AlertDetail>(`/alerts/${encodeURIComponent(id)}`);
    if (alertOfAddress(location.hash) !== id) return null;
    if (alert.state === "resolved") return { ended: alert };
    state.open.set(id, alert);
    return { open: alert };
  } catch (error) {
    return { ended: `Alert ${id} cannot be shown: ${messageOf(error)}` };
  }
}

/** Shows it above the open alerts; null takes it away. */
export function showLinked(alert: AlertDetail | string | null): void {
  const root = byId("linked");
  root.hidden = alert === null;
  if (alert === null) {
    root.replaceChildren();
    return;
  }
  const isFound = typeof alert !== "string";
  const title = isFound ? `${headlineOf(alert)}, ${endOf(alert)}` : alert;
  const header = h("header", {}, h("h3", {}, title), h("a", { href: "#/", class: "quiet" }, "Close"));
  root.replaceChildren(header, h("div", { class: "why" }, ...(isFound ? storyOf(alert) : [])));
  root.scrollIntoView({ block: "center" });
}

/** The newest event that still carried evidence, all events by their time, and who acknowledged it. */
export function storyOf(alert: AlertDetail): HTMLElement[] {
  const { events } = alert;
  const telling = events.findLast(({ evidence }) => (evidence?.length ?? 0) > 0) ?? events.at(-1);
  const line = (event: DeliveredAlert): HTMLElement => {
    const size = event.drop ? `, ${percent(event.drop.estimate)} down` : "";
    const what = event.type === "resolved" ? endOf(event) : `${event.type} as ${event.severity}${size}`;
    return h("li", {}, `${dayAndClock(event.at)}  ${what}`);
  };
  return [
    ...(telling ? [facts(telling), ...whyParts(telling, [])] : []),
    h("div", {}, h("h4", {}, "What was said"), h("ol", { class: "said-list" }, ...events.map(line))),
    ...ackTexts(acksOf(alert)).map((text) => h("p", { class: "ack" }, text)),
  ];
}
