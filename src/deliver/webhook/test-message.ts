/** Sends a marked test message to one webhook at once: without filters, silences, the queue and retries. */
import type { Config } from "../../config/resolve/resolved.ts";
import type { DeliveredAlert } from "../../model/alert.ts";
import type { Clock } from "../../model/clock.ts";
import { messageOf } from "../../model/errors.ts";
import { isoTime } from "../../model/tick.ts";
import type { WebhookTestResult } from "../contract.ts";
import { deliveryId } from "./contract.ts";
import { messageFor } from "./message.ts";
import { findPreset } from "./presets/registry.ts";
import type { WebhookSender } from "./send.ts";

/**
 * Null when the configuration has no webhook of this name. A receiver that keeps open alerts is sent the end too, so that none
 * stays open.
 */
export async function sendTestMessage(
  name: string,
  config: Config,
  deps: { readonly sender: Pick<WebhookSender, "send">; readonly real: Clock },
): Promise<WebhookTestResult | null> {
  const webhook = config.webhooks?.find((one) => one.name === name);
  const preset = webhook && findPreset(webhook.preset);
  if (webhook === undefined || preset === undefined) return null;
  const now = deps.real.now();
  const opened = testAlert(config, now);
  const resolved = { ...opened, type: "resolved", revision: 2, endedAt: opened.at, resolution: "retracted" } as const;
  const { publicUrl } = config.server;
  const history: DeliveredAlert[] = [];
  try {
    for (const alert of preset.keepsState ? [opened, resolved] : [opened]) {
      history.push(alert);
      const message = messageFor(alert, { webhook, preset, history, now, publicUrl, isTest: true });
      await deps.sender.send({ webhook, id: deliveryId(alert), message, now });
    }
  } catch (error) {
    return { webhook: name, delivered: false, reason: messageOf(error) };
  }
  return { webhook: name, delivered: true };
}

function testAlert({ networks, hash }: Config, now: number): DeliveredAlert {
  const at = isoTime(now);
  return {
    id: `test-${now}`,
    revision: 1,
    type: "opened",
    network: networks[0]?.name ?? "test",
    scope: "network",
    region: null,
    ambiguous: false,
    severity: "info",
    at,
    startedAt: at,
    detectorVersion: "test",
    configHash: hash,
    cursor: "test",
  };
}
