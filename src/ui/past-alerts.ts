/** Alerts that have ended, newest first; each unfolds to what was said of it, revision by revision. */
import type { DeliveredAlert } from "../model/alert.ts";
import { facts } from "./alert-card.ts";
import { whyParts } from "./alert-why.ts";
import { endOf, headlineOf } from "./alert-words.ts";
import { type AlertDetail, type AlertItem, one } from "./api.ts";
import { byId, h, KeyedList, type Shown, setText } from "./dom.ts";
import { dayAndClock, duration, percent } from "./format.ts";

const pastList = new KeyedList<AlertItem>(byId("past-list"), ({ id }) => id, pastRow);

export function updatePast(past: readonly AlertItem[]): void {
  byId("past").hidden = past.length === 0;
  setText(byId("past-count"), String(past.length));
  pastList.update(past);
}

function pastRow({ id }: AlertItem): Shown<AlertItem> {
  const summary = h("summary", {});
  const body = h("div", { class: "why" });
  const details = h("details", {}, summary, body);
  details.addEventListener("toggle", () => {
    if (details.open && body.childElementCount === 0)
      one<AlertDetail>(`/alerts/${encodeURIComponent(id)}`).then(
        (alert) => body.replaceChildren(...story(alert)),
        (error: Error) => setText(body, error.message),
      );
  });
  return {
    element: h("li", {}, details),
    update: (alert) => {
      const length = alert.endedAt ? ` after ${duration(Date.parse(alert.endedAt) - Date.parse(alert.startedAt))}` : "";
      setText(summary, `${dayAndClock(alert.startedAt)}  ${headlineOf(alert)}, ${endOf(alert)}${length}`);
    },
  };
}

/** The newest event that still carried evidence, and all events by their time. */
function story({ events, ack }: AlertDetail): HTMLElement[] {
  const telling = events.findLast(({ evidence }) => (evidence?.length ?? 0) > 0) ?? events.at(-1);
  const line = (event: DeliveredAlert): HTMLElement => {
    const size = event.drop ? `, ${percent(event.drop.estimate)} down` : "";
    const what = event.type === "resolved" ? endOf(event) : `${event.type} as ${event.severity}${size}`;
    return h("li", {}, `${dayAndClock(event.at)}  ${what}`);
  };
  return [
    ...(telling ? [facts(telling), ...whyParts(telling, [])] : []),
    h("div", {}, h("h4", {}, "What was said"), h("ol", { class: "said-list" }, ...events.map(line))),
    ...(ack ? [h("p", { class: "ack" }, `Acknowledged by ${ack.by}${ack.note === "" ? "" : `: ${ack.note}`}`)] : []),
  ];
}
