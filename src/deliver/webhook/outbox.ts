/**
 * From the alert log into the notify queue: each (event, webhook) once, whichever replica comes first, and also what was
 * committed while no replica stood. The place in the log is kept beside it.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Queue } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { Logger } from "pino";
import type { DeliveredAlert } from "../../model/alert.ts";
import { messageOf } from "../../model/errors.ts";
import type { AlertLog, AlertStore } from "../../store/contract.ts";
import { everMatched, type Facet, facetOf, withFacet } from "../filter.ts";
import type { WebhookConfig } from "./contract.ts";
import { deliveryId } from "./payload.ts";

export interface NotifyJob {
  readonly webhook: string;
  readonly alert: DeliveredAlert;
}

export interface OutboxDeps {
  readonly queue: Queue<NotifyJob>;
  readonly redis: Redis | Cluster;
  readonly alertLog: AlertLog;
  readonly alerts: Pick<AlertStore, "get">;
  readonly logger: Logger;
}

const PAGE = 100;
const RETRY_MS = 500;

export class Outbox {
  readonly #webhooks: readonly WebhookConfig[];
  readonly #key: string;
  readonly #deps: OutboxDeps;
  readonly #stop = new AbortController();
  #pending: DeliveredAlert[] = [];
  #working: Promise<void> | null = null;
  #running: Promise<void> | null = null;

  constructor(options: { webhooks: readonly WebhookConfig[]; keyTag: string }, deps: OutboxDeps) {
    this.#webhooks = options.webhooks;
    this.#key = `{${options.keyTag}}:notified`;
    this.#deps = deps;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#working;
  }

  async #run(): Promise<void> {
    const { alertLog, logger } = this.#deps;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const place = await this.#catchUp();
        await alertLog.follow(
          place,
          (events) => {
            this.#pending.push(...events);
            this.#working ??= this.#work();
          },
          signal,
        );
      } catch (error) {
        if (!signal.aborted) logger.warn({ why: messageOf(error) }, "webhooks wait for the alert log; trying again");
      }
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Queues what came since the kept place, and gives the place from which to follow. */
  async #catchUp(): Promise<string> {
    const { alertLog, redis, logger } = this.#deps;
    // At the first start, what happened before webhooks were configured is nobody's news.
    await redis.set(this.#key, await alertLog.tail(), "NX");
    let place = (await redis.get(this.#key)) ?? (await alertLog.tail());
    for (;;) {
      const page = await alertLog.after(place, PAGE);
      if (!page.recovered) {
        logger.warn({ place }, "the alert log does not reach back to what webhooks were told last; going on from now");
        return alertLog.tail();
      }
      if (page.items.length === 0) return place;
      for (const event of page.items) await this.#queue(event);
      place = page.items.at(-1)?.cursor ?? place;
    }
  }

  /** One after the other, so that the kept place never runs ahead of what was queued. */
  async #work(): Promise<void> {
    while (this.#pending.length > 0 && !this.#stop.signal.aborted) {
      const event = this.#pending[0];
      if (!event) break;
      try {
        await this.#queue(event);
        this.#pending.shift();
      } catch (error) {
        this.#deps.logger.warn({ why: messageOf(error), alert: event.id }, "a notification waits for the queue");
        await delay(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
      }
    }
    this.#working = null;
  }

  async #queue(event: DeliveredAlert): Promise<void> {
    const facets = await this.#facets(event);
    for (const { name, filter } of this.#webhooks) {
      if (!everMatched(filter, facets)) continue;
      // BullMQ takes a job of the same id once as long as it remembers it, whichever replica asks.
      await this.#deps.queue.add("deliver", { webhook: name, alert: event }, { jobId: `${name}-${deliveryId(event)}` });
    }
    await this.#deps.redis.set(this.#key, event.cursor);
  }

  /** Everything that an alert has shown up to this event: filters are sticky, as on the socket. */
  async #facets(event: DeliveredAlert): Promise<readonly Facet[]> {
    const history = event.revision === 1 ? null : await this.#deps.alerts.get(event.id);
    const earlier = (history?.events ?? []).filter(({ revision }) => revision < event.revision);
    return [...earlier, event].reduce<readonly Facet[]>((facets, one) => withFacet(facets, facetOf(one)), []);
  }
}
