/** Whether the sources answer: a sentence, and one mark each; whoever does not answer comes first. */
import type { SourceItem } from "./api.ts";
import { byId, h, setText } from "./dom.ts";
import { Fold } from "./fold.ts";
import { ignorance } from "./quiet.ts";
import type { State } from "./state.ts";

const FOLDED_SOURCES = 40;

const ORDER: Readonly<Record<SourceItem["verdict"], number>> = { blind: 0, failing: 1, stale: 2, unknown: 3, ok: 4 };
const WORDS: Readonly<Record<SourceItem["verdict"], string>> = {
  ok: "fresh",
  stale: "no fresh figure",
  failing: "fails",
  blind: "does not answer",
  unknown: "not heard of yet",
};

export class SourceList {
  readonly #state: State;
  readonly #fold = new Fold("all-sources", FOLDED_SOURCES, "sources", () => this.update());

  constructor(state: State) {
    this.#state = state;
  }

  /** The sentence alone. */
  updateText(): void {
    const sources = this.#judged();
    const fine = sources.filter(({ verdict }) => verdict === "ok").length;
    const count = fine === sources.length ? `All ${fine}` : `${fine} of ${sources.length}`;
    const said = sources.length === 0 ? "No source is configured." : `${count} give fresh figures.`;
    setText(byId("source-text"), ignorance(this.#state) ?? said);
  }

  update(): void {
    this.updateText();
    const order = this.#judged().toSorted(
      (a, b) => ORDER[a.verdict] - ORDER[b.verdict] || a.source.localeCompare(b.source),
    );
    byId("source-list").replaceChildren(...this.#fold.shown(order, ({ verdict }) => verdict !== "ok").map(chip));
  }

  /** The detector has no opinion of witnesses: they explain alerts, and are quoted there. */
  #judged(): readonly SourceItem[] {
    return this.#state.sources.filter(({ kind }) => kind !== "witness");
  }
}

function chip({ source, verdict, pools }: SourceItem): HTMLElement {
  return h(
    "li",
    { class: `chip verdict-${verdict}`, title: pools.join(", ") },
    source,
    h("span", { class: verdict === "ok" ? "hidden" : "verdict" }, WORDS[verdict]),
  );
}
