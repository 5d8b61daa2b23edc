/** One job: the event in the shape of its webhook, signed and sent, unless a silence mutes it. */
import type { DeliveredAlert } from "../../model/alert.ts";
import type { Clock } from "../../model/clock.ts";
import { HashfallError } from "../../model/errors.ts";
import type { AlertStore } from "../../store/contract.ts";
import type { SilenceStore } from "../contract.ts";
import { silencing } from "../silences.ts";
import { deliveryId, type NotifyJob, type WebhookConfig } from "./contract.ts";
import type { GoneWebhooks } from "./gone.ts";
import { payloadOf, tellsState } from "./payload.ts";
import { DeliveryError, type WebhookSender } from "./send.ts";

export interface DeliverDeps {
  readonly sender: Pick<WebhookSender, "send">;
  readonly alerts: Pick<AlertStore, "get">;
  readonly silences: Pick<SilenceStore, "list">;
  readonly gone: GoneWebhooks;
  readonly real: Clock;
}

export interface DeliverOptions {
  readonly webhooks: readonly WebhookConfig[];
  readonly publicUrl?: string | undefined;
}

const GONE = "disabled, because the receiver answered 410 Gone; a redrive or another address enables it again";

/** Throws `DeliveryError`, `isGone` when trying again has no sense. */
export async function deliver(
  { webhook: name, alert }: NotifyJob,
  { webhooks, publicUrl }: DeliverOptions,
  deps: DeliverDeps,
): Promise<"delivered" | "silenced"> {
  const webhook = webhooks.find((one) => one.name === name);
  // Tried again: a replica that has read the new configuration knows it.
  if (webhook === undefined) throw new HashfallError("WEBHOOK_UNKNOWN", `no webhook "${name}" is configured`);
  if (await deps.gone.isGone(webhook)) throw new DeliveryError(GONE, { isGone: true });
  let told = alert;
  for (;;) {
    const history = await historyOf(told, deps.alerts);
    const newest = history.at(-1) ?? alert;
    if (tellsState(webhook.preset)) told = newest;
    if (await isSilenced(told, webhook, deps)) return "silenced";
    const now = deps.real.now();
    const body = payloadOf(webhook.preset, told, {
      history,
      webhook: name,
      now,
      ...(publicUrl === undefined ? {} : { publicUrl }),
    });
    try {
      await deps.sender.send({ webhook, id: deliveryId(alert), body, now });
    } catch (error) {
      if (!(error instanceof DeliveryError) || !error.isGone) throw error;
      await deps.gone.mark(webhook);
      throw new DeliveryError(`${error.message}; ${GONE}`, { isGone: true });
    }
    // A state that changed while it was told may have been overtaken on the way by a newer one: it is told again.
    if (!tellsState(webhook.preset) || !(await isOutdated(told, deps.alerts))) return "delivered";
  }
}

/** Oldest first; of an alert that the store no longer keeps, the event itself. */
async function historyOf(alert: DeliveredAlert, alerts: DeliverDeps["alerts"]): Promise<readonly DeliveredAlert[]> {
  const kept = await alerts.get(alert.id);
  return kept === null ? [alert] : kept.events.toSorted((a, b) => a.revision - b.revision);
}

async function isOutdated(told: DeliveredAlert, alerts: DeliverDeps["alerts"]): Promise<boolean> {
  const kept = await alerts.get(told.id);
  return kept !== null && kept.record.latest.revision > told.revision;
}

async function isSilenced(alert: DeliveredAlert, webhook: WebhookConfig, deps: DeliverDeps): Promise<boolean> {
  // An end is never kept from a receiver that would go on firing by itself; it calls nobody.
  if (tellsState(webhook.preset) && alert.type === "resolved") return false;
  return silencing(await deps.silences.list(), alert, deps.real.now()) !== undefined;
}
