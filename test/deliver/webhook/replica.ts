/** Replicas of the webhooks over a real Redis, put together as the service does it, with a short wait between attempts. */
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import type { WebhookConfig } from "../../../src/config/resolve/resolved.ts";
import { tellAfterSilences } from "../../../src/deliver/webhook/after-silence.ts";
import { makeNotifyQueue } from "../../../src/deliver/webhook/notify-queue.ts";
import { makeNotifyWorker } from "../../../src/deliver/webhook/notify-worker.ts";
import { Outbox } from "../../../src/deliver/webhook/outbox.ts";
import { WebhookSender } from "../../../src/deliver/webhook/send.ts";
import { forgetsAlerts, sendOpenAlertsAgain } from "../../../src/deliver/webhook/send-again.ts";
import { makeMetrics } from "../../../src/metrics/metrics.ts";
import type { AlertEvent } from "../../../src/model/alert.ts";
import { makeStore, type Store } from "../../../src/store/store.ts";
import type { Tracing } from "../../../src/tracing/contract.ts";
import { startTestRedis, type TestRedis } from "../../support/redis.ts";
import { alertEvent, Publisher } from "../support.ts";

export const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
export const real = { now: () => Date.now() };

export function webhookConfig(part: Partial<WebhookConfig> & { url: string }): WebhookConfig {
  return {
    name: "desk",
    preset: "hashfall",
    options: {},
    headers: {},
    hidden: [],
    resendIntervalMs: 60_000,
    secrets: [SECRET],
    filter: {},
    allowPrivate: true,
    timeoutMs: 5_000,
    ...part,
  };
}

let ids = 0;
/** An alert of its own, opened. */
export function outage(part: Partial<AlertEvent> = {}): AlertEvent {
  return alertEvent({ id: `bitcoin-region-20220105T1050Z-${++ids}`, revision: 1, ...part });
}

export interface ReplicaOptions {
  readonly attempts?: number;
  readonly retryDelayMs?: number;
  readonly publicUrl?: string;
  /** Only queues, or only sends. */
  readonly without?: "outbox" | "worker";
  readonly tracing?: Tracing;
}

export interface Replica {
  readonly queue: ReturnType<typeof makeNotifyQueue>;
  readonly metrics: ReturnType<typeof makeMetrics>;
  readonly silences: Store["silences"];
  /** Everything that was logged, as text. */
  readonly logged: () => string;
  /** Resolves when the webhooks have a place: from here on every event counts. */
  begun(): Promise<void>;
  stop(): Promise<void>;
}

export class TestSite {
  readonly redis: TestRedis;
  readonly store: Store;
  readonly #publisher: Publisher;
  readonly #running = new Set<Replica>();
  readonly keyTag: string;

  private constructor(redis: TestRedis, keyTag: string) {
    this.redis = redis;
    this.keyTag = keyTag;
    this.store = makeStore(
      { keyTag },
      { redis: redis.client(), openFollower: () => redis.client(), real, logger: pino({ level: "silent" }) },
    );
    this.#publisher = new Publisher(this.store);
  }

  /** One Redis may hold many sites: each has a tag of its own. */
  static on(redis: TestRedis, keyTag: string): TestSite {
    return new TestSite(redis, keyTag);
  }

  static startRedis = startTestRedis;

  publish(...events: readonly AlertEvent[]): Promise<void> {
    return this.#publisher.publish(events);
  }

  replica(webhooks: readonly WebhookConfig[], options: ReplicaOptions = {}): Replica {
    const { redis, keyTag, store } = this;
    const lines: string[] = [];
    const logger = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
    const metrics = makeMetrics({ renderCacheMs: 0 });
    const command = redis.client();
    const prefix = `{${keyTag}}:jobs`;
    const { silences, alerts, mutedAlerts: muted, disabledWebhooks: disabled } = store;
    const queue = makeNotifyQueue(
      { prefix, attempts: options.attempts ?? 16 },
      { connection: redis.client(), disabled, logger },
    );
    const sender = new WebhookSender();
    const again = new WebhookSender();
    const worker =
      options.without === "worker"
        ? null
        : makeNotifyWorker(
            { webhooks, prefix, publicUrl: options.publicUrl, retryDelayMs: options.retryDelayMs ?? 10 },
            {
              connection: redis.client({ maxRetriesPerRequest: null }),
              ...{ sender, silences, muted, disabled, real, metrics, logger, alerts },
              ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
            },
          );
    const outbox = new Outbox(
      { webhooks, lookMs: 200 },
      {
        ...{ queue, real, logger },
        cursors: store.webhookCursors,
        alertLog: store.alertLog,
        alerts: store.alerts,
      },
    );
    if (options.without !== "outbox") outbox.start();
    const repeating =
      options.without === "outbox"
        ? []
        : [
            tellAfterSilences({ webhooks, lookMs: 50 }, { queue, muted, silences, alerts, real, logger }),
            ...webhooks
              .filter(forgetsAlerts)
              .map((webhook) =>
                sendOpenAlertsAgain(
                  { webhook, publicUrl: options.publicUrl },
                  { sender: again, alerts, silences, muted, disabled, leases: store.webhookLeases, real, logger },
                ),
              ),
          ];
    const replica: Replica = {
      ...{ queue, metrics, silences },
      logged: () => lines.join(""),
      async begun() {
        await eventually(
          () => command.hlen(`{${keyTag}}:webhook-places`),
          (places) => places >= webhooks.length,
        );
      },
      stop: async () => {
        this.#running.delete(replica);
        await outbox.stop();
        await again.close();
        await Promise.all(repeating.map((one) => one.stop()));
        await worker?.stop(200);
        await queue.stop();
      },
    };
    this.#running.add(replica);
    return replica;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running].map((replica) => replica.stop()));
  }
}

/** What hangs is ended by this; a busy machine is waited for. */
const PATIENCE_MS = 120_000;

/** Asks again until it holds; throws what was answered last when that takes too long. */
export async function eventually<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const began = performance.now();
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (performance.now() - began > PATIENCE_MS) throw new Error(`still ${JSON.stringify(value)}`);
    await delay(5);
  }
}
