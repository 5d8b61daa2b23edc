/** Follows the alert log once per process and keeps the open alerts. All consumers of events in this process listen here. */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { DeliveredAlert } from "../model/alert.ts";
import { compareStreamIds, parseCursor } from "../model/cursor.ts";
import { messageOf } from "../model/errors.ts";
import type { AlertLog, AlertStore } from "../store/contract.ts";
import { OpenAlerts, type PlacedEvent } from "./open-alerts.ts";

export interface FeedListener {
  onEvent(event: PlacedEvent): void;
  /** The open alerts after the first read, and whenever the log began a new epoch. Earlier positions are then invalid. */
  onNewEpoch(openAlerts: OpenAlerts): void;
}

const PAGE = 500;
const RETRY_MS = 500;
/** How often the epoch is compared, ms: a log that was emptied or rolled back sends no event that would show it. */
const EPOCH_CHECK_MS = 2000;

/** Position of a cursor's entry in its log; everything before the first when it is unreadable. */
function streamId(cursor: string): string {
  return parseCursor(cursor)?.id ?? "0-0";
}

/** Whether cursor `a` is at or after `b` in the same epoch. */
export function isAtOrAfter(a: string, b: string): boolean {
  return compareStreamIds(streamId(a), streamId(b)) >= 0;
}

export class AlertFeed {
  readonly #log: AlertLog;
  readonly #alerts: AlertStore;
  readonly #logger: Logger;
  readonly #listeners = new Set<FeedListener>();
  readonly #stop = new AbortController();
  #openAlerts: OpenAlerts | null = null;
  #running: Promise<void> | null = null;

  constructor(deps: { alertLog: AlertLog; alerts: AlertStore; logger: Logger }) {
    this.#log = deps.alertLog;
    this.#alerts = deps.alerts;
    this.#logger = deps.logger;
  }

  /** Null until the log was read for the first time. */
  get openAlerts(): OpenAlerts | null {
    return this.#openAlerts;
  }

  listen(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const openAlerts = await this.#load();
        if (signal.aborted) return;
        this.#openAlerts = openAlerts;
        for (const listener of this.#listeners) listener.onNewEpoch(openAlerts);
        await this.#followEpoch(openAlerts);
      } catch (error) {
        if (!signal.aborted) this.#logger.warn({ why: messageOf(error) }, "alert log cannot be followed; trying again");
      }
      if (!signal.aborted) await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Reads the open alerts at one exact position: they are advanced to the end of the log at the time when reading ended. */
  async #load(): Promise<OpenAlerts> {
    const epoch = await this.#log.epoch();
    const before = await this.#log.tail();
    const records = await this.#alerts.open();
    const histories = await Promise.all(records.map((record) => this.#alerts.get(record.latest.id)));
    const known = new Map<string, DeliveredAlert[]>();
    for (const history of histories) {
      if (history?.record.open) known.set(history.record.latest.id, [...history.events].sort(byRevision));
    }
    const after = await this.#log.tail();
    let cursor = before;
    while (cursor !== after) {
      const page = await this.#log.after(cursor, PAGE);
      if (!page.recovered) throw new Error("the log began anew while it was read");
      for (const event of page.items) {
        cursor = event.cursor;
        bringForward(known, event);
        if (cursor === after) break;
      }
      if (page.items.length === 0) break;
    }
    const opening = ([first]: DeliveredAlert[]): string => first?.cursor ?? "";
    const inOrder = [...known.values()].sort((a, b) => (isAtOrAfter(opening(a), opening(b)) ? 1 : -1));
    return new OpenAlerts(epoch, after, inOrder);
  }

  async #followEpoch(openAlerts: OpenAlerts): Promise<void> {
    const epochEnds = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, epochEnds.signal]);
    const watch = setInterval(() => {
      this.#log.epoch().then(
        (epoch) => epoch !== openAlerts.epoch && epochEnds.abort(),
        () => {},
      );
    }, EPOCH_CHECK_MS);
    try {
      await this.#log.follow(
        openAlerts.cursor,
        (events) => {
          for (const event of events) {
            if (parseCursor(event.cursor)?.epoch !== openAlerts.epoch) {
              epochEnds.abort();
              return;
            }
            // After a reconnection the follower may repeat events.
            if (isAtOrAfter(openAlerts.cursor, event.cursor)) continue;
            const placed = openAlerts.apply(event);
            for (const listener of this.#listeners) listener.onEvent(placed);
          }
        },
        signal,
      );
    } finally {
      clearInterval(watch);
    }
  }
}

function byRevision(a: DeliveredAlert, b: DeliveredAlert): number {
  return a.revision - b.revision;
}

function bringForward(known: Map<string, DeliveredAlert[]>, event: DeliveredAlert): void {
  const events = known.get(event.id) ?? [];
  if (event.type === "resolved") known.delete(event.id);
  else if (!events.some((other) => other.revision === event.revision)) known.set(event.id, [...events, event]);
}
