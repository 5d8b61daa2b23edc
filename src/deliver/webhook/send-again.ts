/**
 * Sends open alerts again to receivers that forget them, like Alertmanager: one process of all replicas does so at every
 * `resendInterval`. A receiver that was restarted, is new, was renamed or was enabled again learns what is open. A
 * receiver that hears nothing more stops firing after a few minutes.
 */
import type { Logger } from "pino";
import type { DeliveredAlert } from "../../model/alert.ts";
import type { Clock } from "../../model/clock.ts";
import { loggedAt } from "../../model/cursor.ts";
import { messageOf } from "../../model/errors.ts";
import { silencing } from "../../model/silence.ts";
import { every, type Repeating } from "../../runtime/every.ts";
import type { AlertStore, SilenceStore } from "../../store/contract.ts";
import type { DisabledWebhooks } from "../../store/disabled-webhooks.ts";
import type { MutedAlerts } from "../../store/muted-alerts.ts";
import type { WebhookLeases } from "../../store/webhook-leases.ts";
import type { WebhookConfig } from "./contract.ts";
import { openForMs } from "./message.ts";
import { findPreset } from "./presets/registry.ts";
import type { WebhookSender } from "./send.ts";
import { firstWanted } from "./wanted.ts";

/** Length of the lease as a part of the interval. The rest is for another process whose timer fires a little early. */
const LEASE_SHARE = 0.9;
/** Most alerts in one POST. More open alerts are sent in several. */
const ALERTS_A_POST = 200;

/** An alert that is younger than this, ms, is left to its own delivery, which may still be muted. */
const JUST_SAID_MS = 10_000;

export interface SendAgainDeps {
  readonly sender: Pick<WebhookSender, "send">;
  readonly alerts: Pick<AlertStore, "open" | "get">;
  readonly silences: Pick<SilenceStore, "list">;
  readonly muted: Pick<MutedAlerts, "get">;
  readonly disabled: DisabledWebhooks;
  readonly leases: WebhookLeases;
  readonly real: Clock;
  readonly logger: Logger;
}

export function sendOpenAlertsAgain(
  { webhook, publicUrl }: { readonly webhook: WebhookConfig; readonly publicUrl?: string | undefined },
  deps: SendAgainDeps,
): Repeating {
  const { sender, disabled, leases, real, logger } = deps;
  const { name, resendIntervalMs } = webhook;
  const stillOpen = findPreset(webhook.preset)?.stillOpen;
  let failing = false;

  async function send(): Promise<void> {
    if (stillOpen === undefined) return;
    if (!(await leases.take(name, Math.round(resendIntervalMs * LEASE_SHARE)))) return;
    if (await disabled.isDisabled(webhook)) return;
    const alerts = await openEvents(webhook, deps);
    const now = real.now();
    for (let from = 0; from < alerts.length; from += ALERTS_A_POST) {
      const some = alerts.slice(from, from + ALERTS_A_POST);
      const message = stillOpen(some, { now, openForMs: openForMs(webhook), publicUrl });
      await sender.send({ webhook, id: `open-${now}-${from}`, message, now });
    }
  }

  return every(
    resendIntervalMs,
    async () => {
      try {
        await send();
        failing = false;
      } catch (error) {
        // Logged once: the next attempt comes with the next interval anyway.
        logger[failing ? "debug" : "warn"](
          { webhook: name, why: messageOf(error) },
          "open alerts could not be sent again to a webhook; tried again at every interval",
        );
        failing = true;
      }
    },
    { name: `open alerts for ${name}`, logger },
  );
}

/** Whether a webhook's receiver forgets alerts that are not sent again. */
export function forgetsAlerts({ preset }: Pick<WebhookConfig, "preset">): boolean {
  return findPreset(preset)?.stillOpen !== undefined;
}

/**
 * Every open alert as the webhook was last sent it. During a silence that is the state before the silence: it stays alive, and
 * nothing new is sent. An alert that the webhook was never sent is left out.
 */
async function openEvents(webhook: WebhookConfig, deps: SendAgainDeps): Promise<readonly DeliveredAlert[]> {
  const silences = await deps.silences.list();
  const events: DeliveredAlert[] = [];
  for (const { latest } of await deps.alerts.open()) {
    const found = await deps.alerts.get(latest.id);
    const history = (found?.events ?? []).toSorted((a, b) => a.revision - b.revision);
    const first = firstWanted(webhook.filter, history);
    const newest = history.at(-1);
    if (first === null || newest === undefined || newest.type === "resolved") continue;
    if (silencing(silences, newest, deps.real.now()) === undefined) {
      events.push(newest);
      continue;
    }
    const muted = await deps.muted.get(webhook.name, newest.id);
    // A delivery that will be muted may be under way at this moment.
    if (muted === null && deps.real.now() - loggedAt(newest.cursor) < JUST_SAID_MS) continue;
    const told = muted === null ? newest : history.findLast(({ revision }) => revision < muted.first);
    if (told !== undefined && told.revision >= first.revision) events.push(told);
  }
  return events;
}
