/** What the shapes of a delivery are made from, besides the event that is told. */
import type { DeliveredAlert } from "../../model/alert.ts";

export interface PayloadContext {
  /** Every event of the alert that is known now, oldest first; holds the one that is told. */
  readonly history: readonly DeliveredAlert[];
  readonly webhook: string;
  /** Real time, ms. */
  readonly now: number;
  /** Where people reach the page; absent where it was not configured. */
  readonly publicUrl?: string;
}

/** The alert in the REST interface; undefined where no public URL was configured. */
export function alertUrl(alert: DeliveredAlert, publicUrl: string | undefined): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/api/v1/alerts/${encodeURIComponent(alert.id)}`;
}
