/** All pools of a network: searched, sorted by any column, folded to the first rows. */
import { byId, KeyedList, setText } from "./dom.ts";
import { Fold } from "./fold.ts";
import { arranged, type Order, UPWARDS_FIRST } from "./pool-order.ts";
import { type PoolRow, poolRow } from "./pool-row.ts";
import { dataNow, type State } from "./state.ts";

const FOLDED_ROWS = 25;

export class PoolList {
  readonly #state: State;
  readonly #list = new KeyedList<PoolRow>(byId("pool-list"), ({ pool }) => pool.pool, poolRow);
  readonly #search = byId<HTMLInputElement>("pool-search");
  readonly #fold = new Fold("all-pools", FOLDED_ROWS, "pools", () => this.update());
  readonly #heads = [...document.querySelectorAll<HTMLButtonElement>("button[data-sort]")];
  #order: Order = { key: "expected", up: false };

  constructor(state: State) {
    this.#state = state;
    this.#search.addEventListener("input", () => this.update());
    for (const head of this.#heads) head.addEventListener("click", () => this.#sortBy(head.dataset.sort ?? "pool"));
  }

  update(): void {
    const { pools } = this.#state;
    const now = dataNow(this.#state);
    const found = arranged(pools, this.#search.value, this.#order);
    this.#list.update(this.#fold.shown(found).map((pool) => ({ pool, now })));
    const none = byId("no-pools");
    none.hidden = found.length > 0 || pools.length === 0;
    setText(none, `None of ${pools.length} pools has “${this.#search.value.trim()}” in its name.`);
    for (const head of this.#heads) {
      const isChosen = head.dataset.sort === this.#order.key;
      head.parentElement?.setAttribute("aria-sort", isChosen ? (this.#order.up ? "ascending" : "descending") : "none");
    }
  }

  #sortBy(key: string): void {
    this.#order = { key, up: this.#order.key === key ? !this.#order.up : UPWARDS_FIRST.has(key) };
    this.update();
  }
}
