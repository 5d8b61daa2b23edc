/** What one webhook is sent of an alert: the payload in the shape of its preset. */
import type { DeliveredAlert } from "../../model/alert.ts";
import type { WebhookConfig } from "./contract.ts";
import type { OutgoingMessage, WebhookPreset } from "./presets/preset.ts";

/** Of the interval; Prometheus waits for four of its own. A receiver that missed three messages still has the alert. */
const OPEN_FOR_INTERVALS = 5;
/** With a short interval: a restart of hashfall, or a minute without a network, must not end what is open. */
const OPEN_FOR_AT_LEAST_MS = 300_000;

/** For how long a receiver keeps an open alert that is not sent again, ms. */
export function openForMs({ resendIntervalMs }: Pick<WebhookConfig, "resendIntervalMs">): number {
  return Math.max(OPEN_FOR_INTERVALS * resendIntervalMs, OPEN_FOR_AT_LEAST_MS);
}

export interface MessageOptions {
  readonly webhook: WebhookConfig;
  readonly preset: WebhookPreset;
  /** Every event of the alert that is known now, oldest first; holds the one that is told. */
  readonly history: readonly DeliveredAlert[];
  /** Real time, ms. */
  readonly now: number;
  readonly publicUrl?: string | undefined;
  readonly isTest?: boolean;
}

export function messageFor(alert: DeliveredAlert, options: MessageOptions): OutgoingMessage {
  const { webhook, preset, history, now, publicUrl, isTest } = options;
  return preset.message(alert, {
    history,
    webhook: webhook.name,
    url: webhook.url,
    options: webhook.options,
    now,
    openForMs: openForMs(webhook),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(isTest === undefined ? {} : { isTest }),
  });
}
