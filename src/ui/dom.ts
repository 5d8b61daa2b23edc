/** Elements without a framework: made once, changed in place, so that focus and open details stay where they are. */

type Child = Node | string | null | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child) || child === ""));
  return element;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** The element of the page with this id. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as E;
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A part of the page that shows one thing and can be brought up to date. */
export interface Shown<T> {
  readonly element: HTMLElement;
  update(item: T): void;
}

/** Keeps one element per key in the container, in the order of the items. */
export class KeyedList<T> {
  readonly #container: HTMLElement;
  readonly #keyOf: (item: T) => string;
  readonly #make: (item: T) => Shown<T>;
  readonly #shown = new Map<string, Shown<T>>();

  constructor(container: HTMLElement, keyOf: (item: T) => string, make: (item: T) => Shown<T>) {
    this.#container = container;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  update(items: readonly T[]): void {
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, shown] of this.#shown) {
      if (keys.has(key)) continue;
      shown.element.remove();
      this.#shown.delete(key);
    }
    items.forEach((item, index) => {
      const key = this.#keyOf(item);
      let shown = this.#shown.get(key);
      if (!shown) {
        shown = this.#make(item);
        this.#shown.set(key, shown);
      }
      shown.update(item);
      const there = this.#container.children[index] ?? null;
      if (there !== shown.element) this.#container.insertBefore(shown.element, there);
    });
  }
}
