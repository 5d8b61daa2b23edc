/** Alerts that have ended, newest first; each unfolds to what was said of it, revision by revision. */
import { endOf, headlineOf } from "./alert-words.ts";
import { type AlertDetail, type AlertItem, one } from "./api.ts";
import { byId, h, KeyedList, type Shown, setText } from "./dom.ts";
import { dayAndClock, duration } from "./format.ts";
import { storyOf } from "./linked-alert.ts";
import { addressOfAlert } from "./route.ts";

const pastList = new KeyedList<AlertItem>(byId("past-list"), ({ id }) => id, pastRow);

export function updatePast(past: readonly AlertItem[]): void {
  byId("past").hidden = past.length === 0;
  setText(byId("past-count"), String(past.length));
  pastList.update(past);
}

function pastRow({ id }: AlertItem): Shown<AlertItem> {
  const summary = h("summary", {});
  const body = h("div", { class: "why" });
  const link = h("a", { href: addressOfAlert(id), class: "permalink" }, "Link");
  const details = h("details", {}, summary, body, link);
  details.addEventListener("toggle", () => {
    if (details.open && body.childElementCount === 0)
      one<AlertDetail>(`/alerts/${encodeURIComponent(id)}`).then(
        (alert) => body.replaceChildren(...storyOf(alert)),
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
