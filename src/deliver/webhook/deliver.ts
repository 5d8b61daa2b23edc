/**
 * One job: the event in the shape of its webhook, signed and sent, unless a silence mutes it.
 *
 * A muted event is recorded (`mutedAlerts`), and `AfterSilence` sends it when the silence has ended. The end of an alert is sent
 * also during a silence, to every receiver that was sent the alert before.
 */
import type { DeliveredAlert } from "../../model/alert.ts";
import type { Clock } from "../../model/clock.ts";
import { HashfallError } from "../../model/errors.ts";
import { silencing } from "../../model/silence.ts";
import type { AlertStore, SilenceStore } from "../../store/contract.ts";
import type { DisabledWebhooks } from "../../store/disabled-webhooks.ts";
import type { MutedAlerts } from "../../store/muted-alerts.ts";
import { deliveryId, type NotifyJob, type WebhookConfig } from "./contract.ts";
import { messageFor } from "./message.ts";
import { findPreset } from "./presets/registry.ts";
import { DeliveryError, type WebhookSender } from "./send.ts";
import { firstWanted } from "./wanted.ts";

export interface DeliverDeps {
  readonly sender: Pick<WebhookSender, "send">;
  readonly alerts: Pick<AlertStore, "get">;
  readonly silences: Pick<SilenceStore, "list">;
  readonly muted: Pick<MutedAlerts, "mute" | "get" | "clear">;
  readonly disabled: DisabledWebhooks;
  readonly real: Clock;
}

export interface DeliverOptions {
  readonly webhooks: readonly WebhookConfig[];
  readonly publicUrl?: string | undefined;
}

const DISABLED = "disabled, because the receiver answered 410 Gone; a redrive or another address enables it again";

/** Throws `DeliveryError`, with `isGone` when a retry is useless. */
export async function deliver(
  { webhook: name, alert, mutedAt }: NotifyJob,
  { webhooks, publicUrl }: DeliverOptions,
  deps: DeliverDeps,
): Promise<"delivered" | "silenced"> {
  const webhook = webhooks.find((one) => one.name === name);
  // Retried: a replica that has loaded the new configuration knows it.
  if (webhook === undefined) throw new HashfallError("WEBHOOK_UNKNOWN", `no webhook "${name}" is configured`);
  const preset = findPreset(webhook.preset);
  if (preset === undefined) throw new HashfallError("PRESET_UNKNOWN", `there is no preset "${webhook.preset}"`);
  if (await deps.disabled.isDisabled(webhook)) throw new DeliveryError(DISABLED, { isGone: true });
  // A newer event of the alert was sent meanwhile, after the silence.
  if (mutedAt !== undefined && (await deps.muted.get(name, alert.id)) === null) return "delivered";
  let told = alert;
  for (;;) {
    const history = await historyOf(told, deps.alerts);
    const newest = history.at(-1) ?? alert;
    if (preset.keepsState || mutedAt !== undefined) told = newest;
    // The alert's end has a delivery of its own.
    if (mutedAt !== undefined && told.type === "resolved" && !preset.keepsState) return "silenced";
    const now = deps.real.now();
    if (silencing(await deps.silences.list(), told, now) !== undefined) {
      const isOver = told.type === "resolved";
      if (!isOver) await deps.muted.mute(name, told, now);
      if (!isOver || !(preset.keepsState || (await wasTold(webhook, history, deps)))) {
        // The receiver was never sent the alert, and it is over: there is nothing to send.
        if (isOver) await deps.muted.clear(name, told);
        return "silenced";
      }
    }
    const message = messageFor(told, { webhook, preset, history, now, publicUrl });
    try {
      await deps.sender.send({ webhook, id: deliveryId(mutedAt === undefined ? alert : told), message, now });
    } catch (error) {
      if (!(error instanceof DeliveryError) || !error.isGone) throw error;
      await deps.disabled.disable(webhook);
      throw new DeliveryError(`${error.message}; ${DISABLED}`, { isGone: true });
    }
    await deps.muted.clear(name, told);
    // The state changed during the delivery, and a newer one may have arrived first. So it is sent again.
    if (!preset.keepsState || !(await isOutdated(told, deps.alerts))) return "delivered";
  }
}

/** The alert's events, oldest first; only this event when the store no longer keeps the alert. */
async function historyOf(alert: DeliveredAlert, alerts: DeliverDeps["alerts"]): Promise<readonly DeliveredAlert[]> {
  const kept = await alerts.get(alert.id);
  return kept === null ? [alert] : kept.events.toSorted((a, b) => a.revision - b.revision);
}

async function isOutdated(told: DeliveredAlert, alerts: DeliverDeps["alerts"]): Promise<boolean> {
  const kept = await alerts.get(told.id);
  return kept !== null && kept.record.latest.revision > told.revision;
}

/** Whether the webhook was sent the alert before. If not, every event that matched its filter was muted. */
async function wasTold(
  { name, filter }: WebhookConfig,
  history: readonly DeliveredAlert[],
  { muted }: Pick<DeliverDeps, "muted">,
): Promise<boolean> {
  const entry = await muted.get(name, history.at(-1)?.id ?? "");
  const first = firstWanted(filter, history);
  if (first === null || first.type === "resolved") return false;
  return entry === null || entry.first > first.revision;
}
