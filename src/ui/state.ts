/** What the page knows. Everything that is shown is a function of this. */

import type { DeliveredAlert } from "../model/alert.ts";
import { CANDIDATE_PROBABILITY } from "../model/candidates.ts";
import { regionCovers } from "../model/region.ts";
import type { AckItem } from "./acks.ts";
import type { AlertItem, NetworkItem, PoolItem, RegionItem, SilenceItem, SourceItem } from "./api.ts";
import { silentSince } from "./contact.ts";
import { change, hashrate, percent } from "./format.ts";

export type ConnectionState = "connecting" | "open" | "waiting" | "closed";

export interface State {
  network: string;
  networks: readonly NetworkItem[];
  regions: readonly RegionItem[];
  pools: readonly PoolItem[];
  sources: readonly SourceItem[];
  readonly open: Map<string, DeliveredAlert>;
  /** Newest first; for the list below the open ones and the marks in the chart. */
  past: readonly AlertItem[];
  silences: readonly SilenceItem[];
  /** What has been told since the page was opened: an empty list that nobody told means nothing. */
  readonly told: { lists: boolean; alerts: boolean };
  /** Why the silences cannot be read; undefined when they can. */
  silencesWhy: string | undefined;
  /** Why the newest request for the lists failed; undefined when it did not. */
  listsWhy: string | undefined;
  /** The server wants a token that this tab does not have. */
  needsToken: boolean;
  /** Who acknowledged an open alert, by its id, oldest first. */
  acks: Map<string, readonly AckItem[]>;
  /** `Date.now()` when the server was last heard. */
  heardAt: number;
  connection: ConnectionState;
  /** The region whose history was chosen; null is the whole network, undefined the gravest alert's region. */
  chosen: string | null | undefined;
  /** `Date.now()` when data time was told, to go on from. */
  toldAt: number;
}

export function initialState(): State {
  return {
    network: "",
    networks: [],
    regions: [],
    pools: [],
    sources: [],
    open: new Map(),
    past: [],
    silences: [],
    told: { lists: false, alerts: false },
    silencesWhy: undefined,
    listsWhy: undefined,
    needsToken: false,
    acks: new Map(),
    heardAt: Date.now(),
    connection: "connecting",
    chosen: undefined,
    toldAt: Date.now(),
  };
}

export function currentNetwork(state: State): NetworkItem | undefined {
  return state.networks.find(({ network }) => network === state.network);
}

/** Data time now: a demo's runs faster than life. Without contact it stands where the server was last heard. */
export function dataNow(state: State): number {
  const network = currentNetwork(state);
  const now = silentSince(state) ?? Date.now();
  return network ? Date.parse(network.now) + (now - state.toldAt) * network.speed : now;
}

/** Open alerts of the network that is shown: gravest first, then newest; what is silenced stands last. */
export function openAlerts(state: State): DeliveredAlert[] {
  const rank = { critical: 0, warning: 1, info: 2 };
  return [...state.open.values()]
    .filter((alert) => alert.network === state.network)
    .map((alert) => ({ alert, last: silenceOf(state, alert) === undefined ? 0 : 3 }))
    .sort(
      ({ alert: a, last: x }, { alert: b, last: y }) =>
        x + rank[a.severity] - (y + rank[b.severity]) || b.startedAt.localeCompare(a.startedAt),
    )
    .map(({ alert }) => alert);
}

/** The silence that mutes an alert on the page; silences never touch the log or the socket. */
export function silenceOf(state: State, alert: DeliveredAlert): SilenceItem | undefined {
  const now = new Date().toISOString();
  return state.silences.find(
    ({ network, region, pool, startsAt, endsAt }) =>
      startsAt <= now &&
      now < endsAt &&
      (network === undefined || network === alert.network) &&
      (region === undefined || (alert.region !== null && regionCovers(region, alert.region))) &&
      (pool === undefined || pool === alert.pool),
  );
}

/** The alert that is open for a region or a part of it: named, or a likely candidate. */
export function alertOfRegion(state: State, region: string): DeliveredAlert | undefined {
  return openAlerts(state).find(
    (alert) =>
      alert.scope === "region" &&
      ((alert.region !== null && regionCovers(region, alert.region)) ||
        (alert.ambiguous &&
          alert.candidates?.some((c) => regionCovers(region, c.region) && c.probability >= CANDIDATE_PROBABILITY))),
  );
}

/** The region whose history is shown; null is the whole network. */
export function shownRegion(state: State): string | null {
  if (state.chosen !== undefined) return state.chosen;
  return openAlerts(state).find(({ region }) => region !== null)?.region ?? null;
}

/** How an alert's region or pool stands at the newest tick; undefined while that is unknown, or for other scopes. */
export function currentFigures(
  state: State,
  alert: DeliveredAlert,
): { readonly drop: string; readonly figures: string } | undefined {
  if (alert.scope === "region") {
    const region = state.regions.find((one) => one.region === alert.region);
    if (region?.drop === undefined) return undefined;
    const drop = region.drop < 0.005 ? "as expected" : `−${percent(region.drop)}`;
    return { drop, figures: figuresOf(region.hashrate, region.expected) };
  }
  const pool = alert.scope === "pool" ? state.pools.find((one) => one.pool === alert.pool) : undefined;
  if (pool?.hashrate === undefined || !pool.expected) return undefined;
  return { drop: change(pool.hashrate, pool.expected), figures: figuresOf(pool.hashrate, pool.expected) };
}

function figuresOf(now: number | undefined, expected: number | undefined): string {
  return `${hashrate(now)} of ${hashrate(expected)}`;
}
