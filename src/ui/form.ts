/** Small forms that unfold where the button that asks for them stands. */
import { h, setText } from "./dom.ts";

const NAME_KEY = "hashfall-name";

export interface Unfolding {
  readonly button: HTMLButtonElement;
  readonly form: HTMLFormElement;
}

/** A control under its name; `long` texts have a line of their own. */
export function field(name: string, control: HTMLElement, long = false): HTMLElement {
  return h("label", { class: long ? "field long" : "field" }, h("span", {}, name), control);
}

export function choice(options: readonly (readonly [value: string, text: string])[], chosen = ""): HTMLSelectElement {
  return h("select", {}, ...options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}

/**
 * @param name what the button says
 * @param fields the first of them gets the focus
 * @param act sends; what it throws is said in the form, which stays open with what was typed
 */
export function unfolding(
  name: string,
  fields: readonly HTMLElement[],
  verb: string,
  act: () => Promise<void>,
): Unfolding {
  const said = h("span", { class: "said", role: "status" });
  const submit = h("button", { type: "submit", class: "primary" }, verb);
  const cancel = h("button", { type: "button", class: "quiet" }, "Cancel");
  const buttons = h("div", { class: "actions" }, submit, cancel, said);
  const form = h("form", { class: "unfolded", hidden: true, "aria-label": name }, ...fields, buttons);
  const button = h("button", { type: "button", class: "quiet", "aria-expanded": "false" }, name);
  const fold = (isOpen: boolean): void => {
    form.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    setText(said, "");
    const name = form.querySelector<HTMLInputElement>("input[name=by]");
    if (isOpen && name?.value === "") name.value = localStorage.getItem(NAME_KEY) ?? "";
    if (isOpen) form.querySelector<HTMLElement>("input, select")?.focus();
    else button.focus();
  };
  button.addEventListener("click", () => fold(Boolean(form.hidden)));
  cancel.addEventListener("click", () => fold(false));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") fold(false);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit.disabled = true;
    act()
      .then(
        () => fold(false),
        (error: Error) => setText(said, error.message),
      )
      .finally(() => {
        submit.disabled = false;
      });
  });
  return { button, form };
}

/** Who says it: kept in this browser, and left to the token's name where nothing is written. */
export function nameInput(): HTMLInputElement {
  return h("input", { type: "text", name: "by", maxlength: 100, autocomplete: "nickname" });
}

/** `{by}` for what is sent; empty when no name was given. */
export function byWhom(input: HTMLInputElement): { by?: string } {
  const name = input.value.trim();
  if (name === "") localStorage.removeItem(NAME_KEY);
  else localStorage.setItem(NAME_KEY, name);
  return name === "" ? {} : { by: name };
}
