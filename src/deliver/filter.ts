/** Filters of alerts: whether an event matches what a subscriber asked for. An absent filter matches everything. */
import { type DeliveredAlert, type Scope, type Severity, severityRank } from "../model/alert.ts";
import { CANDIDATE_PROBABILITY } from "../model/candidates.ts";
import { regionCovers } from "../model/region.ts";

export interface AlertFilter {
  readonly networks?: readonly string[];
  readonly regions?: readonly string[];
  readonly scopes?: readonly Scope[];
  readonly minSeverity?: Severity;
}

/** The fields of an event that filters compare. An alert keeps one facet for each distinct combination in its events. */
export interface Facet {
  readonly network: string;
  readonly scope: Scope;
  readonly regions: readonly string[];
  readonly severity: Severity;
}

export function facetOf(event: DeliveredAlert): Facet {
  const regions = event.ambiguous
    ? (event.candidates ?? []).filter((c) => c.probability >= CANDIDATE_PROBABILITY).map((c) => c.region)
    : event.region === null
      ? []
      : [event.region];
  return { network: event.network, scope: event.scope, regions: regions.sort(), severity: event.severity };
}

/** Adds a facet unless the alert has it already. */
export function withFacet(facets: readonly Facet[], facet: Facet): readonly Facet[] {
  const same = (other: Facet): boolean =>
    other.severity === facet.severity &&
    other.regions.length === facet.regions.length &&
    other.regions.every((region, i) => region === facet.regions[i]);
  return facets.some(same) ? facets : [...facets, facet];
}

export function matches(filter: AlertFilter, facet: Facet): boolean {
  const { networks, regions, scopes, minSeverity } = filter;
  if (networks && !networks.includes(facet.network)) return false;
  if (scopes && !scopes.includes(facet.scope)) return false;
  if (minSeverity && severityRank(facet.severity) < severityRank(minSeverity)) return false;
  return !regions || facet.regions.some((region) => regions.some((wanted) => regionCovers(wanted, region)));
}

/**
 * A filter is sticky: once any event of an id matched, all later ones match. So the answer depends on the log and the
 * filter alone, never on when a client connected.
 */
export function everMatched(filter: AlertFilter, facets: readonly Facet[]): boolean {
  return facets.some((facet) => matches(filter, facet));
}

/** True when the filter matches every alert. */
export function letsAllThrough(filter: AlertFilter): boolean {
  return (
    !filter.networks && !filter.regions && !filter.scopes && (!filter.minSeverity || filter.minSeverity === "info")
  );
}

/**
 * Equal filters have equal keys, so that matches are computed and written as JSON once for all subscribers that share a
 * filter.
 */
export function filterKey(filter: AlertFilter): string {
  const sorted = (list: readonly string[] | undefined): string[] | null => (list ? [...new Set(list)].sort() : null);
  return JSON.stringify([sorted(filter.networks), sorted(filter.regions), sorted(filter.scopes), filter.minSeverity]);
}
