/** Sends muted alerts that are still open when a silence has ended, whether it ran out or a person ended it. */
import type { Logger } from "pino";
import type { Clock } from "../../model/clock.ts";
import { silencing } from "../../model/silence.ts";
import { every, type Repeating } from "../../runtime/every.ts";
import type { AlertStore, SilenceStore } from "../../store/contract.ts";
import type { MutedAlerts } from "../../store/muted-alerts.ts";
import type { NotifyQueue, WebhookConfig } from "./contract.ts";

/** How often ended silences are looked for, ms: the longest wait after the end of a silence. */
const LOOK_EVERY_MS = 5_000;
/** How long an entry is kept after the alert's end, ms: as long as its delivery may be retried. */
const KEPT_AFTER_END_MS = 8 * 86_400_000;

export interface AfterSilenceDeps {
  readonly queue: Pick<NotifyQueue, "add">;
  readonly muted: Pick<MutedAlerts, "list" | "clear">;
  readonly silences: Pick<SilenceStore, "list">;
  readonly alerts: Pick<AlertStore, "get">;
  readonly real: Clock;
  readonly logger: Logger;
}

/**
 * Every replica looks, and the queue accepts each muted state once. The worker checks silences again before it sends, so a
 * silence that begins in between mutes the alert again.
 */
export function tellAfterSilences(
  options: { readonly webhooks: readonly WebhookConfig[]; readonly lookMs?: number },
  deps: AfterSilenceDeps,
): Repeating {
  const names = new Set(options.webhooks.map(({ name }) => name));
  const { queue, muted, silences, alerts, real, logger } = deps;
  async function look(): Promise<void> {
    const entries = await muted.list();
    if (entries.length === 0) return;
    const inForce = await silences.list();
    for (const { webhook, alertId, last, at } of entries) {
      const found = await alerts.get(alertId);
      if (found === null || !found.record.open) {
        // Kept for a while, because the entry decides whether the webhook is sent the alert's end.
        if (real.now() - at > KEPT_AFTER_END_MS) await muted.clear(webhook, { id: alertId, revision: last });
        continue;
      }
      const alert = found.record.latest;
      if (!names.has(webhook) || silencing(inForce, alert, real.now()) !== undefined) continue;
      await queue.add([{ webhook, alert, mutedAt: at }]);
    }
  }
  return every(options.lookMs ?? LOOK_EVERY_MS, look, { name: "alerts after silences", logger });
}
