/** A long list shows its first rows until somebody asks for all of them. */
import { byId, setText } from "./dom.ts";

export class Fold {
  readonly #button: HTMLButtonElement;
  readonly #most: number;
  readonly #what: string;
  #all = false;

  /**
   * @param id of the button that unfolds and folds
   * @param most rows while folded
   * @param what the rows are, in the plural
   */
  constructor(id: string, most: number, what: string, changed: () => void) {
    this.#button = byId<HTMLButtonElement>(id);
    this.#most = most;
    this.#what = what;
    this.#button.addEventListener("click", () => {
      this.#all = !this.#all;
      changed();
    });
  }

  /** The rows to show. @param always rows that are shown even while folded, wherever they stand */
  shown<T>(rows: readonly T[], always: (row: T) => boolean = () => false): readonly T[] {
    const kept = this.#all ? rows : rows.filter((row, i) => i < this.#most || always(row));
    this.#button.hidden = rows.length <= this.#most;
    this.#button.setAttribute("aria-expanded", String(this.#all));
    setText(
      this.#button,
      this.#all ? `Show the first ${this.#most} ${this.#what}` : `Show all ${rows.length} ${this.#what}`,
    );
    return kept;
  }
}
