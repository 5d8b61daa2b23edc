/** What delivery is handed, and what it gives back to the composition root. */

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

/** A delivery that was given up. */
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
  /** Tries again; how many were put back. Without an id: all. */
  redrive(id?: string): Promise<number>;
}

/** What became of a test message. */
export interface WebhookTestResult {
  readonly webhook: string;
  readonly delivered: boolean;
  /** What the receiver said, or why it was not reached; absent when it took the message. */
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
  /** The networks of the configuration in force; asked anew, so a reload shows. */
  readonly networks: () => readonly NetworkConfig[];
  readonly alertLog: AlertLog;
  readonly alerts: AlertStore;
  readonly views: ViewStore;
  /** Absent: nobody says how the sources fare. */
  readonly sourceHealth?: SourceHealthStore;
  readonly metrics: Metrics;
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Off when absent. */
  readonly tracing?: Tracing;
  /** Absent: there are none, and none can be made. */
  readonly silences?: SilenceStore;
  /** Absent: no webhooks are configured. */
  readonly deadLetters?: DeadLetters;
  /** Absent: no webhook can be tested here. */
  readonly testWebhook?: TestWebhook;
  /** Absent: nobody may send samples. */
  readonly push?: PushDeps;
}

/** What the push endpoint needs. */
export interface PushDeps {
  /** Of the configuration in force; asked anew, so a reload shows. */
  readonly senders: () => readonly PushSender[];
  readonly samples: SampleStore;
  readonly ids: PushIds<PushAnswer>;
}

export interface Gateway {
  /**
   * Binds, then follows the log and the views in the background: a Redis that is away does not keep the port closed.
   * Throws `HashfallError` `PORT_TAKEN`, `ADDRESS_UNAVAILABLE` or `PORT_FORBIDDEN`.
   */
  listen(): Promise<{ host: string; port: number; url: string }>;
  /** Null before `listen` and after `stop`. */
  address(): { host: string; port: number; url: string } | null;
  /** How every network is seen now, as on the page. */
  statuses(): readonly NetworkStatus[];
  /** Unready first, sockets 1001 with their last cursor delivered, then the port. Idempotent. */
  stop(): Promise<void>;
}
