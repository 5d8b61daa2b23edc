/** Webhooks: alert log -> outbox -> queue `notify` -> worker -> receiver; what could not be told is kept and listed. */
import type { DeliveredAlert } from "../../model/alert.ts";
import type { DeadLetters } from "../contract.ts";

export type { WebhookConfig } from "../../config/resolve/resolved.ts";

/** One event for one webhook. Holds no address and no secret: both are looked up when it is sent. */
export interface NotifyJob {
  readonly webhook: string;
  readonly alert: DeliveredAlert;
  /** Told because the silence ended that had muted it, which it did at this real time, ms. */
  readonly mutedAt?: number;
}

export interface NotifyQueue {
  /** Takes each (webhook, id, revision) once for as long as it is remembered, whichever replica offers it; again after a silence. */
  add(jobs: readonly NotifyJob[]): Promise<void>;
  /** Jobs by state, for gauges that a timer refreshes. */
  counts(): Promise<Record<string, number>>;
  readonly deadLetters: DeadLetters;
  stop(): Promise<void>;
}

/** (id, revision): the idempotency key, the same on every replica and for every attempt. */
export function deliveryId(alert: Pick<DeliveredAlert, "id" | "revision">): string {
  return `${alert.id}-${alert.revision}`;
}
