/** Whether a webhook wants an event: filters are sticky, so what an alert has shown before counts too. */
import type { DeliveredAlert } from "../../model/alert.ts";
import type { AlertStore } from "../../store/contract.ts";
import { type AlertFilter, everMatched, type Facet, facetOf, letsAllThrough, withFacet } from "../filter.ts";

export async function isWanted(
  filter: AlertFilter,
  event: DeliveredAlert,
  alerts: Pick<AlertStore, "get">,
): Promise<boolean> {
  if (letsAllThrough(filter)) return true;
  const history = event.revision === 1 ? null : await alerts.get(event.id);
  const earlier = (history?.events ?? []).filter(({ revision }) => revision < event.revision);
  return firstWanted(filter, [...earlier, event]) !== null;
}

/** The first of an alert's events that a filter lets through, in the order given; null when it lets none through. */
export function firstWanted(filter: AlertFilter, events: readonly DeliveredAlert[]): DeliveredAlert | null {
  let facets: readonly Facet[] = [];
  for (const event of events) {
    facets = withFacet(facets, facetOf(event));
    if (everMatched(filter, facets)) return event;
  }
  return null;
}
