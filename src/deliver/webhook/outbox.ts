/**
 * From the alert log into the notify queue. The cursor that is kept in Redis decides: following the log merely
 * says when to look. So a process that dies between two writes, a replica that does the same at the same time, and a
 * Redis that fails over to a replica a second behind all come to the same: looked at again, and taken once by the queue.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { DeliveredAlert } from "../../model/alert.ts";
import type { Clock } from "../../model/clock.ts";
import { formatCursor, loggedAt, parseCursor } from "../../model/cursor.ts";
import { messageOf } from "../../model/errors.ts";
import type { AlertLog, AlertStore } from "../../store/contract.ts";
import type { WebhookCursors } from "../../store/webhook-cursors.ts";
import type { NotifyQueue, WebhookConfig } from "./contract.ts";
import { isWanted } from "./wanted.ts";

export interface OutboxOptions {
  readonly webhooks: readonly WebhookConfig[];
  /** How often the log is looked at when nothing is heard from it, ms. */
  readonly lookMs?: number;
}

export interface OutboxDeps {
  readonly queue: Pick<NotifyQueue, "add">;
  readonly cursors: WebhookCursors;
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

  /** Queues what came since a webhook's cursor. At its first start the cursor is the log's end: the past is nobody's news. */
  async #bringForward(webhook: WebhookConfig): Promise<void> {
    const { alertLog, cursors } = this.#deps;
    while (!this.#stop.signal.aborted) {
      const cursor = await cursors.get(webhook.name, () => alertLog.tail());
      const page = await this.#after(cursor);
      if (page === null) await this.#beginAnew(webhook, cursor);
      else {
        const last = page.at(-1);
        if (last === undefined) return;
        await this.#queue(webhook, page);
        await cursors.advance(webhook.name, cursor, last.cursor);
      }
    }
  }

  /** What comes after a cursor, also in a new epoch of the log that still holds its entry; null where the entry is gone. */
  async #after(cursor: string): Promise<readonly DeliveredAlert[] | null> {
    const { alertLog } = this.#deps;
    const page = await alertLog.after(cursor, PAGE);
    if (page.recovered) return page.items;
    const id = parseCursor(cursor)?.id;
    if (id === undefined) return null;
    const moved = await alertLog.after(formatCursor({ epoch: await alertLog.epoch(), id }), PAGE);
    return moved.recovered ? moved.items : null;
  }

  /** As the socket's snapshot: what is open now, and from here on everything. */
  async #beginAnew(webhook: WebhookConfig, cursor: string): Promise<void> {
    const { alertLog, alerts, cursors, logger } = this.#deps;
    logger.warn(
      { webhook: webhook.name },
      "the log does not reach back to this webhook's cursor: it is told what is open",
    );
    const tail = await alertLog.tail();
    const open = await alerts.open();
    await this.#queue(
      webhook,
      open.map(({ latest }) => latest),
    );
    await cursors.advance(webhook.name, cursor, tail);
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
      if (await isWanted(filter, event, this.#deps.alerts)) wanted.push(event);
    }
    await queue.add(wanted.map((alert) => ({ webhook: name, alert })));
  }
}
