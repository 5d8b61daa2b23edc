/** A process that delivers one webhook and nothing else: outbox, queue and worker of the built service. One JSON argument. */
import { Redis } from "ioredis";
import { pino } from "pino";
import { makeNotifyQueue } from "../../../dist/deliver/webhook/notify-queue.js";
import { makeNotifyWorker } from "../../../dist/deliver/webhook/notify-worker.js";
import { Outbox } from "../../../dist/deliver/webhook/outbox.js";
import { WebhookSender } from "../../../dist/deliver/webhook/send.js";
import { makeMetrics } from "../../../dist/metrics/metrics.js";
import { makeStore } from "../../../dist/store/store.js";

const { port, keyTag, webhook } = JSON.parse(process.argv[2]);
const open = () => new Redis({ port, host: "127.0.0.1", maxRetriesPerRequest: null }).on("error", () => undefined);
const real = { now: () => Date.now() };
const logger = pino({ level: "silent" });
const store = makeStore({ keyTag }, { redis: open(), openFollower: open, real, logger });
const prefix = `{${keyTag}}:jobs`;
const { silences, alerts, alertLog, mutedAlerts: muted, disabledWebhooks: disabled, webhookCursors: cursors } = store;
const webhooks = [webhook];
const queue = makeNotifyQueue({ prefix }, { connection: open(), disabled, logger });
makeNotifyWorker(
  { webhooks, prefix, retryDelayMs: 10 },
  {
    ...{ connection: open(), sender: new WebhookSender(), metrics: makeMetrics() },
    ...{ silences, muted, disabled, real, logger, alerts },
  },
);
new Outbox({ webhooks, lookMs: 60_000 }, { queue, cursors, alertLog, alerts, real, logger }).start();
