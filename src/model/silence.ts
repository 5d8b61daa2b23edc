/** Silences: for how long, and for which alerts, webhooks and the page are quiet. */
import { regionCovers } from "./region.ts";

/** Mutes webhooks and the page, never the log or the socket. */
export interface Silence {
  readonly id: string;
  /** Absent: every network. */
  readonly network?: string;
  /** Region or pool; at least one is given. A region also covers its subdivisions. */
  readonly region?: string;
  readonly pool?: string;
  /** Real time, ISO 8601 UTC. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly by: string;
  readonly note: string;
}

/** The first silence that mutes an alert at `now` (real time, ms); undefined when none does. */
export function silencing(
  silences: readonly Silence[],
  alert: { readonly network: string; readonly region: string | null; readonly pool?: string | undefined },
  now: number,
): Silence | undefined {
  return silences.find(
    ({ network, region, pool, startsAt, endsAt }) =>
      Date.parse(startsAt) <= now &&
      now < Date.parse(endsAt) &&
      (network === undefined || network === alert.network) &&
      (region === undefined || (alert.region !== null && regionCovers(region, alert.region))) &&
      (pool === undefined || pool === alert.pool),
  );
}
