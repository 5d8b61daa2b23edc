/** What the gateway needs from the composition root, and what it offers to it. */

import type { Logger } from "pino";
import type { NetworkConfig, PushSender, ServerConfig } from "../config/resolve/resolved.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Clocks } from "../model/clock.ts";
import type { Readiness } from "../model/readiness.ts";
import type { NetworkStatus } from "../model/view.ts";
import type { AlertLog, AlertStore, SampleStore, SilenceStore, ViewStore } from "../store/contract.ts";
import type { PushIds } from "../store/push-ids.ts";
import type { SourceHealthStore } from "../store/source-health.ts";
import type { Tracing } from "../tracing/contract.ts";
import type { PushAnswer } from "./push/contract.ts";

/** A delivery that failed for good. */
export interface DeadLetter {
  readonly id: string;
  readonly webhook: string;
  readonly alertId: string;
  readonly revision: number;
  readonly failedAt: string;
  readonly attempts: number;
  readonly reason: string;
}

export interface DeadLetters {
  list(limit: number): Promise<readonly DeadLetter[]>;
  /** Queues dead letters again and returns their number. Without an id: all. */
  redrive(id?: string): Promise<number>;
}

/** The result of a test message. */
export interface WebhookTestResult {
  readonly webhook: string;
  readonly delivered: boolean;
  /** The receiver's answer, or why it was not reached; absent when it accepted the message. */
  readonly reason?: string;
}

/** Sends a marked test message; null when no webhook has this name. */
export type TestWebhook = (name: string) => Promise<WebhookTestResult | null>;

export interface GatewayOptions extends ServerConfig {
  /** Version of hashfall, for hello, documents and metrics. */
  readonly version: string;
  /** Folder of the built page; the one beside this code when absent. */
  readonly pageDir?: string;
}

export interface GatewayDeps {
  /** The networks of the present configuration. A function, so that a reload takes effect. */
  readonly networks: () => readonly NetworkConfig[];
  readonly alertLog: AlertLog;
  readonly alerts: AlertStore;
  readonly views: ViewStore;
  /** Absent: the health of sources is not known. */
  readonly sourceHealth?: SourceHealthStore;
  readonly metrics: Metrics;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Off when absent. */
  readonly tracing?: Tracing;
  /** Absent: silences are off. */
  readonly silences?: SilenceStore;
  /** Absent: no webhooks are configured. */
  readonly deadLetters?: DeadLetters;
  /** Absent: no webhook can be tested here. */
  readonly testWebhook?: TestWebhook;
  /** Absent: pushing samples is off. */
  readonly push?: PushDeps;
}

/** What the push endpoint needs. */
export interface PushDeps {
  /** From the present configuration. A function, so that a reload takes effect. */
  readonly senders: () => readonly PushSender[];
  readonly samples: SampleStore;
  readonly ids: PushIds<PushAnswer>;
}

export interface Gateway {
  /**
   * Binds the port, then follows the log and the views in the background, so that the port opens even while Redis is away.
   * Throws `HashfallError` `PORT_TAKEN`, `ADDRESS_UNAVAILABLE` or `PORT_FORBIDDEN`.
   */
  listen(): Promise<{ host: string; port: number; url: string }>;
  /** Null before `listen` and after `stop`. */
  address(): { host: string; port: number; url: string } | null;
  /** The status of every network now, as on the page. */
  statuses(): readonly NetworkStatus[];
  /** Stops: first not ready, then sockets are closed with 1001 after their last cursor was sent, then the port. Idempotent. */
  stop(): Promise<void>;
}
