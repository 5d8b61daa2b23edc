/** A client's place in the alert log: replayed up to the present, then live, each event once and in order. */
import type { DeliveredAlert } from "../../model/alert.ts";
import { isAtOrAfter } from "../alert-feed.ts";
import { type AlertFilter, filterKey } from "../filter.ts";
import type { PlacedEvent } from "../open-alerts.ts";

export class AlertSubscription {
  readonly filter: AlertFilter;
  readonly key: string;
  #cursor: string;
  /** Board sequence up to which everything was said; null while the past is replayed. */
  #seq: number | null = null;
  /** The client is ahead of this process's follower: what it already has is not said again. */
  #skipThrough: string | null = null;
  #cancelled = false;

  constructor(filter: AlertFilter, cursor: string) {
    this.filter = filter;
    this.key = filterKey(filter);
    this.#cursor = cursor;
  }

  /** Everything up to this place was handed to the socket. While live the place of the open alerts holds. */
  get cursor(): string {
    return this.#cursor;
  }

  get live(): boolean {
    return this.#seq !== null && !this.#cancelled;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Replaced, unsubscribed, or its connection is gone. */
  cancel(): void {
    this.#cancelled = true;
  }

  replayed(cursor: string): void {
    this.#cursor = cursor;
  }

  /** From here on the live events are said; `seq` and `cursor` are those of the open alerts at this moment. */
  goLive(seq: number, cursor: string): void {
    if (this.#cursor !== cursor && isAtOrAfter(this.#cursor, cursor)) this.#skipThrough = this.#cursor;
    this.#seq = seq;
  }

  /** True once per event after the present that it went live at. */
  takes(live: PlacedEvent): boolean {
    if (this.#cancelled || this.#seq === null || live.seq <= this.#seq) return false;
    this.#seq = live.seq;
    return !this.#has(live.event);
  }

  /** Whether a heartbeat at `seq` lies behind what the client was already told. */
  isAheadOf(seq: number): boolean {
    return this.#skipThrough !== null || (this.#seq !== null && this.#seq > seq);
  }

  #has(event: DeliveredAlert): boolean {
    if (this.#skipThrough === null) return false;
    if (isAtOrAfter(this.#skipThrough, event.cursor)) return true;
    this.#skipThrough = null;
    return false;
  }
}
