/** Webhooks: who is told, in which shape, and what is kept of what could not be told. */
import type { ConnectionOptions } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { Logger } from "pino";
import type { Metrics } from "../../metrics/metrics.ts";
import type { Clock } from "../../model/clock.ts";
import type { AlertLog } from "../../store/contract.ts";
import type { DeadLetters, SilenceStore } from "../contract.ts";
import type { AlertFilter } from "../filter.ts";

/** `standard`: Standard Webhooks with the whole event; `alertmanager`: Alertmanager's webhook payload; `slack`: Slack's. */
export const WEBHOOK_SHAPES = ["standard", "alertmanager", "slack"] as const;
export type WebhookShape = (typeof WEBHOOK_SHAPES)[number];

export interface WebhookConfig {
  /** Letters, digits, dashes; also the label of metrics. */
  readonly name: string;
  readonly url: string;
  readonly shape: WebhookShape;
  /** `whsec_` and base64: every delivery is signed with it. */
  readonly secret?: string;
  readonly filter: AlertFilter;
}

export interface WebhooksOptions {
  readonly webhooks: readonly WebhookConfig[];
  /** BullMQ's key prefix; carries the hash tag of all keys. */
  readonly prefix: string;
  readonly keyTag: string;
  /** Where people reach the page, for links in messages. */
  readonly externalUrl?: string;
  /** First wait before another attempt, ms; doubles each time. */
  readonly retryDelayMs?: number;
}

export interface WebhooksDeps {
  /** Use `queue`. */
  readonly queueConnection: ConnectionOptions;
  /** Use `worker`. */
  readonly workerConnection: ConnectionOptions;
  /** Use `command`. */
  readonly redis: Redis | Cluster;
  readonly alertLog: AlertLog;
  readonly silences: SilenceStore;
  readonly metrics: Metrics;
  readonly real: Clock;
  readonly logger: Logger;
}

export interface Webhooks {
  readonly deadLetters: DeadLetters;
  start(): void;
  /** Jobs by state, for gauges. */
  counts(): Promise<Record<string, number>>;
  /** Deliveries under way may end; the rest waits for the next start. */
  stop(): Promise<void>;
}
