/**
 * Moves events from the alert log into the notify queue. A cursor in Redis decides what is next; following the log only says
 * when to look. So after a process died between two writes, beside a replica that does the same, and after Redis failed over
 * to a replica a second behind, events are read again and accepted once by the queue.
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
  /** How often the log is read while no event is announced, ms. */
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
/** How often the log is read in any case, ms: the longest delay after a failover that lost the last second. */
const LOOK_MS = 5_000;
/**
 * Oldest event that is still queued, ms, as old as the jobs that the queue remembers. A webhook that was away longer starts at
 * the end of the log.
 */
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
        // Set before reading, so that an event during the read triggers another one.
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

  /** Queues events since a webhook's cursor. A new webhook starts at the end of the log, because past events are no news. */
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

  /** Events after a cursor, also in a new epoch of the log that still holds the cursor's entry; null where the entry is gone. */
  async #after(cursor: string): Promise<readonly DeliveredAlert[] | null> {
    const { alertLog } = this.#deps;
    const page = await alertLog.after(cursor, PAGE);
    if (page.recovered) return page.items;
    const id = parseCursor(cursor)?.id;
    if (id === undefined) return null;
    const moved = await alertLog.after(formatCursor({ epoch: await alertLog.epoch(), id }), PAGE);
    return moved.recovered ? moved.items : null;
  }

  /** Like the socket's snapshot: queues what is open now, and every later event follows. */
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
