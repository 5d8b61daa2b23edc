/** Tells what a silence kept back and what is still open when the silence has ended, by its time or by a person. */
import type { Logger } from "pino";
import type { Clock } from "../../model/clock.ts";
import { silencing } from "../../model/silence.ts";
import { every, type Repeating } from "../../runtime/every.ts";
import type { AlertStore, SilenceStore } from "../../store/contract.ts";
import type { MutedAlerts } from "../../store/muted-alerts.ts";
import type { NotifyQueue, WebhookConfig } from "./contract.ts";

/** How long after the end of a silence somebody waits at most. */
const LOOK_EVERY_MS = 5_000;
/** As long as a delivery of the alert's end may still be tried again. */
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
 * Every replica looks; the queue takes each muted state once. The worker asks for the silences again before it sends, so
 * a silence that begins in between mutes it anew.
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
        // Kept for a while: the entry says whether the webhook is to be told the end.
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
