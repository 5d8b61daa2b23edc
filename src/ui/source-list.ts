/** Whether the sources answer: a sentence, and one mark each; whoever does not answer comes first. */
import type { SourceItem } from "./api.ts";
import { byId, h, setText } from "./dom.ts";

const ORDER: Readonly<Record<SourceItem["verdict"], number>> = { blind: 0, stale: 1, unknown: 2, ok: 3 };
const WORDS: Readonly<Record<SourceItem["verdict"], string>> = {
  ok: "fresh",
  stale: "no fresh figure",
  blind: "does not answer",
  unknown: "not heard of yet",
};

export function updateSources(all: readonly SourceItem[]): void {
  // Of witnesses nothing is thought: they explain alerts, and are quoted there.
  const sources = all.filter(({ kind }) => kind !== "witness");
  const fine = sources.filter(({ verdict }) => verdict === "ok").length;
  const count = fine === sources.length ? `All ${fine}` : `${fine} of ${sources.length}`;
  setText(byId("source-text"), sources.length === 0 ? "No source is configured." : `${count} give fresh figures.`);
  const order = sources.toSorted((a, b) => ORDER[a.verdict] - ORDER[b.verdict] || a.source.localeCompare(b.source));
  byId("source-list").replaceChildren(
    ...order.map(({ source, verdict, pools }) =>
      h(
        "li",
        { class: `chip verdict-${verdict}`, title: pools.join(", ") },
        source,
        h("span", { class: verdict === "ok" ? "hidden" : "verdict" }, WORDS[verdict]),
      ),
    ),
  );
}
