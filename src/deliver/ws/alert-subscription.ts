/** A client's position in the alert log: replayed up to the present, then live, each event once and in order. */
import type { DeliveredAlert } from "../../model/alert.ts";
import { isAtOrAfter } from "../alert-feed.ts";
import { type AlertFilter, filterKey } from "../filter.ts";
import type { PlacedEvent } from "../open-alerts.ts";

export class AlertSubscription {
  readonly filter: AlertFilter;
  readonly key: string;
  #cursor: string;
  /** Sequence number up to which every event was sent; null during a replay. */
  #seq: number | null = null;
  /** Set when the client's cursor is ahead of this process's follower: events up to it are not sent again. */
  #skipThrough: string | null = null;
  #cancelled = false;

  constructor(filter: AlertFilter, cursor: string) {
    this.filter = filter;
    this.key = filterKey(filter);
    this.#cursor = cursor;
  }

  /** Position up to which everything was handed to the socket. While live, the position of the open alerts counts instead. */
  get cursor(): string {
    return this.#cursor;
  }

  get live(): boolean {
    return this.#seq !== null && !this.#cancelled;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Set when the subscription was replaced or ended, or its connection is gone. */
  cancel(): void {
    this.#cancelled = true;
  }

  replayed(cursor: string): void {
    this.#cursor = cursor;
  }

  /** Switches to live events. `seq` and `cursor` are those of the open alerts at this moment. */
  goLive(seq: number, cursor: string): void {
    if (this.#cursor !== cursor && isAtOrAfter(this.#cursor, cursor)) this.#skipThrough = this.#cursor;
    this.#seq = seq;
  }

  /** Whether to send this event: true once for each event after the subscription went live. */
  takes(live: PlacedEvent): boolean {
    if (this.#cancelled || this.#seq === null || live.seq <= this.#seq) return false;
    this.#seq = live.seq;
    return !this.#has(live.event);
  }

  /** Whether a heartbeat at `seq` is older than what the client was sent. */
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
