/**
 * The open alerts at one position of the log, as this process sees them. Every event advances the position, so that a client's
 * snapshot and its later events fit together without a gap and without a repetition.
 */
import type { DeliveredAlert } from "../model/alert.ts";
import { type AlertFilter, everMatched, type Facet, facetOf, letsAllThrough, withFacet } from "./filter.ts";

interface OpenAlert {
  readonly latest: DeliveredAlert;
  readonly facets: readonly Facet[];
}

/** An event with its position. `seq` counts this process's events and orders them against snapshots. */
export interface PlacedEvent {
  readonly event: DeliveredAlert;
  readonly facets: readonly Facet[];
  readonly seq: number;
}

export class OpenAlerts {
  readonly epoch: string;
  #cursor: string;
  #seq = 0;
  readonly #open = new Map<string, OpenAlert>();

  /**
   * @param cursor the position of the log at which exactly the alerts of `open` are open
   * @param open every open alert with all its events so far, oldest first
   */
  constructor(epoch: string, cursor: string, open: readonly (readonly DeliveredAlert[])[]) {
    this.epoch = epoch;
    this.#cursor = cursor;
    for (const events of open) for (const event of events) this.#take(event);
  }

  get cursor(): string {
    return this.#cursor;
  }

  get seq(): number {
    return this.#seq;
  }

  /** Takes the next event of the log. */
  apply(event: DeliveredAlert): PlacedEvent {
    const facets = this.#take(event);
    this.#cursor = event.cursor;
    this.#seq += 1;
    return { event, facets, seq: this.#seq };
  }

  /** Open alerts that match a filter, in the order of their opening. */
  snapshot(filter: AlertFilter): DeliveredAlert[] {
    const all = [...this.#open.values()];
    const chosen = letsAllThrough(filter) ? all : all.filter((alert) => everMatched(filter, alert.facets));
    return chosen.map((alert) => alert.latest);
  }

  #take(event: DeliveredAlert): readonly Facet[] {
    const facets = withFacet(this.#open.get(event.id)?.facets ?? [], facetOf(event));
    if (event.type === "resolved") this.#open.delete(event.id);
    else this.#open.set(event.id, { latest: event, facets });
    return facets;
  }
}
