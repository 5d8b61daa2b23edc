/** Webhooks, put together: what lives as long as the process, and what a reload stops and starts anew. Part of the composition root. */
import type { Logger } from "pino";
import type { Config } from "./config/resolve/resolved.ts";
import type { TestWebhook } from "./deliver/contract.ts";
import { type HeartbeatDeps, startHeartbeat } from "./deliver/heartbeat.ts";
import { tellAfterSilences } from "./deliver/webhook/after-silence.ts";
import type { NotifyQueue } from "./deliver/webhook/contract.ts";
import { makeNotifyQueue, NOTIFY_QUEUE } from "./deliver/webhook/notify-queue.ts";
import { makeNotifyWorker } from "./deliver/webhook/notify-worker.ts";
import { Outbox } from "./deliver/webhook/outbox.ts";
import { WebhookSender } from "./deliver/webhook/send.ts";
import { forgetsAlerts, sendOpenAlertsAgain } from "./deliver/webhook/send-again.ts";
import { sendTestMessage } from "./deliver/webhook/test-message.ts";
import type { DetectWorker } from "./jobs/detect-worker.ts";
import { keepWorker } from "./jobs/worker-keeper.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { Clocks } from "./model/clock.ts";
import { every } from "./runtime/every.ts";
import type { Releasers } from "./runtime/releasers.ts";
import type { Connections } from "./store/connect.ts";
import type { Keys } from "./store/keys.ts";
import type { Store } from "./store/store.ts";
import type { Tracing } from "./tracing/contract.ts";

export interface NotifyDeps {
  readonly store: Store;
  readonly connections: Connections;
  readonly keys: Keys;
  readonly logger: Logger;
}

/** The queue and its dead letters are there whatever the configuration says: they outlive every reload. */
export interface Notify {
  readonly queue: NotifyQueue;
}

const JOB_COUNTS_EVERY_MS = 5_000;

/** Opens the queue of one installation. */
export function openNotify({ store, connections, keys, logger }: NotifyDeps, releasers: Releasers): Notify {
  const connection = connections.open("queue");
  const disabled = store.disabledWebhooks;
  const queue = makeNotifyQueue({ prefix: keys.queuePrefix }, { connection, disabled, logger });
  releasers.add("notify queue", async () => {
    await queue.stop();
    connection.disconnect();
  });
  return { queue };
}

/** Sends test messages to the webhooks of the configuration in force. */
export function openWebhookTests(current: () => Config, { real }: Clocks, releasers: Releasers): TestWebhook {
  const sender = new WebhookSender();
  releasers.add("webhook tests", () => sender.close());
  return (name) => sendTestMessage(name, current(), { sender, real });
}

/** Begins the heartbeat that the configuration asks for; like what binds a port it stays as it was through a reload. */
export function openHeartbeat(
  { heartbeat }: Config,
  deps: Pick<HeartbeatDeps, "readiness" | "statuses" | "logger"> & { readonly clocks: Clocks },
  releasers: Releasers,
): void {
  if (heartbeat === undefined) return;
  const sender = new WebhookSender();
  const beating = startHeartbeat(heartbeat, { ...deps, sender, real: deps.clocks.real });
  releasers.add("heartbeat", async () => {
    await sender.close();
    await beating.stop();
  });
}

export interface WebhooksDeps {
  readonly notify: Notify;
  readonly store: Store;
  readonly connections: Connections;
  readonly keys: Keys;
  readonly clocks: Clocks;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly logger: Logger;
}

/** Starts the webhooks of a configuration; the releasers stop the outbox first, then what is being sent. */
export function startWebhooks(config: Config, deps: WebhooksDeps, releasers: Releasers): void {
  const { notify, store, metrics, tracing, logger } = deps;
  const { queue } = notify;
  const { real } = deps.clocks;
  const { alerts, alertLog, silences, mutedAlerts: muted, disabledWebhooks: disabled } = store;
  const { publicUrl } = config.server;
  const { webhooks = [] } = config;
  if (webhooks.length === 0) return;
  for (const { name, preset, secrets } of webhooks)
    if (preset === "hashfall" && secrets.length === 0)
      logger.warn({ webhook: name }, "a webhook is not signed: its receiver cannot tell whose messages it gets");
  const counting = every(
    JOB_COUNTS_EVERY_MS,
    async () => {
      for (const [state, jobs] of Object.entries(await queue.counts()))
        metrics.jobs.set({ queue: NOTIFY_QUEUE, state }, jobs);
    },
    { name: "notify job counts", logger },
  );
  releasers.add("notify job counts", () => counting.stop());
  const start = (): DetectWorker => {
    const connection = deps.connections.open("worker");
    const worker = makeNotifyWorker(
      { webhooks, prefix: deps.keys.queuePrefix, publicUrl },
      { connection, sender: new WebhookSender(), alerts, silences, muted, disabled, real, metrics, tracing, logger },
    );
    return {
      ...worker,
      superseded: () => false,
      async stop(graceMs) {
        await worker.stop(graceMs);
        connection.disconnect();
      },
    };
  };
  const keeper = keepWorker(
    0,
    { name: NOTIFY_QUEUE },
    { start, waiting: async () => (await queue.counts()).waiting ?? 0, ownGeneration: async () => null, logger },
  );
  releasers.add("notify worker", () => keeper.stop());
  const outbox = new Outbox({ webhooks }, { queue, cursors: store.webhookCursors, alertLog, alerts, real, logger });
  releasers.add("webhook outbox", () => outbox.stop());
  outbox.start();
  const afterSilences = tellAfterSilences({ webhooks }, { queue, muted, silences, alerts, real, logger });
  releasers.add("alerts after silences", () => afterSilences.stop());
  const forgetful = webhooks.filter(forgetsAlerts);
  if (forgetful.length === 0) return;
  const sender = new WebhookSender();
  const sending = forgetful.map((webhook) =>
    sendOpenAlertsAgain(
      { webhook, publicUrl },
      { sender, alerts, silences, muted, disabled, leases: store.webhookLeases, real, logger },
    ),
  );
  releasers.add("open alerts sent again", async () => {
    await sender.close();
    await Promise.all(sending.map((one) => one.stop()));
  });
}
