/** Silences: what is muted for now, by whom and until when; ending one, and making one. */
import { HOUR_MS } from "../model/time-units.ts";
import { type SilenceItem, send } from "./api.ts";
import { byId, h, KeyedList, type Shown, setText } from "./dom.ts";
import { byWhom, choice, field, nameInput, type Unfolding, unfolding } from "./form.ts";
import { dayAndClock, duration, regionName } from "./format.ts";
import { noSilencesText } from "./quiet.ts";
import type { State } from "./state.ts";

const LENGTHS = [
  [String(HOUR_MS), "1 hour"],
  [String(4 * HOUR_MS), "4 hours"],
  [String(24 * HOUR_MS), "1 day"],
  [String(168 * HOUR_MS), "7 days"],
] as const;

/** What is muted: a region or a pool of a network. */
export interface Muted {
  readonly network: string;
  readonly region?: string;
  readonly pool?: string;
}

/**
 * The form that mutes something.
 * @param what asked when it is sent
 * @param before fields that say what, before those that say how long
 */
export function silenceForm(
  what: () => Muted,
  changed: () => Promise<void>,
  { name, before = [] }: { name: string; before?: readonly HTMLElement[] },
): Unfolding {
  const length = choice(LENGTHS, LENGTHS[1][0]);
  const note = h("input", { type: "text", maxlength: 2000, placeholder: "may be empty" });
  const by = nameInput();
  const fields = [...before, field("For", length), field("Your name", by), field("Note", note, true)];
  return unfolding(name, fields, "Silence", async () => {
    const endsAt = new Date(Date.now() + Number(length.value)).toISOString();
    await send("POST", "/silences", { ...what(), endsAt, note: note.value, ...byWhom(by) });
    note.value = "";
    await changed();
  });
}

function subjectOf({ region, pool }: SilenceItem): string {
  const parts = [region === undefined ? null : `${regionName(region)} (${region})`, pool ?? null];
  return parts.filter((part) => part !== null).join(", ");
}

/** The card with all silences of the network. `changed` asks for the lists again. */
export class SilencesCard {
  readonly #list: KeyedList<SilenceItem>;
  readonly #subject = h("select", {});
  #offered = "";

  constructor(state: State, changed: () => Promise<void>) {
    this.#list = new KeyedList<SilenceItem>(byId("silence-list"), ({ id }) => id, silenceRow(changed));
    const muted = (): Muted => {
      const [kind = "", id = ""] = this.#subject.value.split(" ");
      return { network: state.network, [kind]: id };
    };
    const { button, form } = silenceForm(muted, changed, {
      name: "Silence a region or pool",
      before: [field("What", this.#subject)],
    });
    byId("silence-new").append(button, form);
  }

  update(state: State): void {
    const { network, silences, regions, pools } = state;
    const mine = silences.filter((silence) => silence.network === undefined || silence.network === network);
    this.#list.update(mine);
    byId("no-silences").hidden = mine.length > 0;
    setText(byId("no-silences"), noSilencesText(state));
    const offers = [
      ...regions.map(({ region }) => [`region ${region}`, regionName(region)] as const),
      ...pools.map(({ pool }) => [`pool ${pool}`, `${pool} (pool)`] as const),
    ];
    const key = offers.join();
    if (key === this.#offered) return;
    this.#offered = key;
    this.#subject.replaceChildren(...offers.map(([value, text]) => h("option", { value }, text)));
  }
}

function silenceRow(changed: () => Promise<void>): (first: SilenceItem) => Shown<SilenceItem> {
  return ({ id }) => {
    const what = h("strong", {});
    const rest = h("span", { class: "hint" });
    const end = h("button", { type: "button", class: "quiet" }, "End");
    end.addEventListener("click", () => {
      send("DELETE", `/silences/${encodeURIComponent(id)}`)
        .then(changed)
        .catch((error: Error) => setText(rest, error.message));
    });
    return {
      element: h("li", { class: "silence" }, h("div", {}, what, rest), end),
      update: (silence) => {
        const { startsAt, endsAt, by, note } = silence;
        const begins = Date.parse(startsAt) - Date.now();
        const left = duration(Date.parse(endsAt) - Math.max(Date.now(), Date.parse(startsAt)));
        const when =
          begins > 0 ? `from ${dayAndClock(startsAt)}, for ${left}` : `${left} left, to ${dayAndClock(endsAt)}`;
        setText(what, subjectOf(silence));
        setText(rest, [when, `by ${by}`, note].filter(Boolean).join(" · "));
        end.setAttribute("aria-label", `End the silence of ${subjectOf(silence)}`);
      },
    };
  };
}
