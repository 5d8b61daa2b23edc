/** Webhooks: alert log -> outbox -> queue `notify` -> worker -> receiver. Deliveries that failed for good are kept and listed. */
import type { DeliveredAlert } from "../../model/alert.ts";
import type { DeadLetters } from "../contract.ts";

export type { WebhookConfig } from "../../config/resolve/resolved.ts";

/** One event for one webhook. It holds no address and no secret; both are looked up when it is sent. */
export interface NotifyJob {
  readonly webhook: string;
  readonly alert: DeliveredAlert;
  /** Set when the event is sent after a silence that had muted it: when it was muted, real time, ms. */
  readonly mutedAt?: number;
}

export interface NotifyQueue {
  /** Accepts each (webhook, id, revision) once, whichever replica offers it, and once more after a silence. */
  add(jobs: readonly NotifyJob[]): Promise<void>;
  /** Number of jobs by state, for gauges. */
  counts(): Promise<Record<string, number>>;
  readonly deadLetters: DeadLetters;
  stop(): Promise<void>;
}

/** (id, revision): the idempotency key, the same on every replica and for every attempt. */
export function deliveryId(alert: Pick<DeliveredAlert, "id" | "revision">): string {
  return `${alert.id}-${alert.revision}`;
}
