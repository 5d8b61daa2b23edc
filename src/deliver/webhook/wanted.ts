/** Whether an event matches a webhook's filter. Filters are sticky, so earlier events of the alert count too. */
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

/** The first of an alert's events, in the given order, that matches a filter; null when none does. */
export function firstWanted(filter: AlertFilter, events: readonly DeliveredAlert[]): DeliveredAlert | null {
  let facets: readonly Facet[] = [];
  for (const event of events) {
    facets = withFacet(facets, facetOf(event));
    if (everMatched(filter, facets)) return event;
  }
  return null;
}
