/**
 * From the alert log into the notify queue. The place that is kept in Redis is the only truth: following the log merely
 * says when to look. So a process that dies between two writes, a replica that does the same at the same time, and a
 * Redis that fails over to a replica a second behind all come to the same: looked at again, and taken once by the queue.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { DeliveredAlert } from "../../model/alert.ts";
import type { Clock } from "../../model/clock.ts";
import { formatCursor, parseCursor } from "../../model/cursor.ts";
import { messageOf } from "../../model/errors.ts";
import type { AlertLog, AlertStore } from "../../store/contract.ts";
import { everMatched, type Facet, facetOf, letsAllThrough, withFacet } from "../filter.ts";
import type { NotifyQueue, WebhookConfig } from "./contract.ts";
import type { Places } from "./places.ts";

export interface OutboxOptions {
  readonly webhooks: readonly WebhookConfig[];
  /** How often the log is looked at when nothing is heard from it, ms. */
  readonly lookMs?: number;
}

export interface OutboxDeps {
  readonly queue: Pick<NotifyQueue, "add">;
  readonly places: Places;
  readonly alertLog: AlertLog;
  readonly alerts: Pick<AlertStore, "get" | "open">;
  readonly real: Clock;
  readonly logger: Logger;
}

const PAGE = 100;
const RETRY_MS = 500;
/** A failover that undid the last second is made good after at most this. */
const LOOK_MS = 5_000;
/** Older than what the queue remembers, and nobody's news: a webhook that was away that long begins anew. */
export const OLDEST_NEWS_MS = 7 * 86_400_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #deps: OutboxDeps;
  readonly #stop = new AbortController();
  #running: Promise<unknown> | null = null;
  #wake: () => void = () => {};

  constructor(options: OutboxOptions, deps: OutboxDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  start(): void {
    this.#running ??= Promise.all([this.#follow(), this.#run()]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #follow(): Promise<void> {
    const { alertLog } = this.#deps;
    await this.#untilStopped(async (signal) => {
      await alertLog.follow(await alertLog.tail(), () => this.#wake(), signal);
    });
  }

  async #run(): Promise<void> {
    await this.#untilStopped(async (signal) => {
      while (!signal.aborted) {
        // Set before looking: what comes while we look wakes us for another look.
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        for (const webhook of this.#options.webhooks) await this.#bringForward(webhook);
        const rest = new AbortController();
        const rested = delay(this.#options.lookMs ?? LOOK_MS, undefined, { signal: rest.signal }).catch(() => {});
        await Promise.race([woken, rested]);
        rest.abort();
      }
    });
  }

  async #untilStopped(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await work(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#deps.logger.warn({ why: messageOf(error) }, "webhooks wait for Redis; trying again");
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Queues what came since the kept place of a webhook. At its first start that is now: the past is nobody's news. */
  async #bringForward(webhook: WebhookConfig): Promise<void> {
    const { alertLog, places } = this.#deps;
    while (!this.#stop.signal.aborted) {
      const place = await places.get(webhook.name, () => alertLog.tail());
      const page = await this.#after(place);
      if (page === null) await this.#beginAnew(webhook, place);
      else {
        const last = page.at(-1);
        if (last === undefined) return;
        await this.#queue(webhook, page);
        await places.move(webhook.name, place, last.cursor);
      }
    }
  }

  /** What comes after a place, also when the log has begun a new epoch that still goes through it; null where it is gone. */
  async #after(place: string): Promise<readonly DeliveredAlert[] | null> {
    const { alertLog } = this.#deps;
    const page = await alertLog.after(place, PAGE);
    if (page.recovered) return page.items;
    const id = parseCursor(place)?.id;
    if (id === undefined) return null;
    const moved = await alertLog.after(formatCursor({ epoch: await alertLog.epoch(), id }), PAGE);
    return moved.recovered ? moved.items : null;
  }

  /** As the socket's snapshot: what is open now, and from here on everything. */
  async #beginAnew(webhook: WebhookConfig, place: string): Promise<void> {
    const { alertLog, alerts, places, logger } = this.#deps;
    logger.warn(
      { webhook: webhook.name },
      "the log does not reach back to this webhook's place: it is told what is open",
    );
    const tail = await alertLog.tail();
    const open = await alerts.open();
    await this.#queue(
      webhook,
      open.map(({ latest }) => latest),
    );
    await places.move(webhook.name, place, tail);
  }

  async #queue({ name, filter }: WebhookConfig, events: readonly DeliveredAlert[]): Promise<void> {
    const { queue, real, logger } = this.#deps;
    const oldest = real.now() - OLDEST_NEWS_MS;
    const news = events.filter(({ cursor }) => loggedAt(cursor) >= oldest);
    if (news.length < events.length)
      logger.warn(
        { webhook: name, events: events.length - news.length },
        "events of more than a week ago are not sent",
      );
    const wanted: DeliveredAlert[] = [];
    for (const event of news) {
      if (letsAllThrough(filter) || everMatched(filter, await this.#facets(event))) wanted.push(event);
    }
    await queue.add(wanted.map((alert) => ({ webhook: name, alert })));
  }

  /** Everything that an alert has shown up to this event: filters are sticky, as on the socket. */
  async #facets(event: DeliveredAlert): Promise<readonly Facet[]> {
    const history = event.revision === 1 ? null : await this.#deps.alerts.get(event.id);
    const earlier = (history?.events ?? []).filter(({ revision }) => revision < event.revision);
    return [...earlier, event].reduce<readonly Facet[]>((facets, one) => withFacet(facets, facetOf(one)), []);
  }
}

/** Real time at which an event came into the log, ms: the server's ids say it. */
function loggedAt(cursor: string): number {
  return Number(parseCursor(cursor)?.id.split("-")[0] ?? Number.NaN);
}
