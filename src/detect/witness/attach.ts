/**
 * What witnesses add to a tick's events: a cause and a price. It runs after everything was decided and changes nothing
 * that a later tick decides by, so with and without witnesses the same alerts open, change and close at the same ticks.
 */
import type { TickContext } from "../lifecycle/context.ts";
import type { Episode } from "../lifecycle/episodes.ts";
import type { RegionAlert } from "../lifecycle/open-alert.ts";
import { regionEvent } from "../lifecycle/region-events.ts";
import { regionAlerts } from "../lifecycle/region-list.ts";
import { type CauseHint, causeHint, habitHint } from "./hint.ts";
import { factsOf, priceAt } from "./memory.ts";

/** Candidates less likely than this explain nothing, however well a witness speaks of them. */
const LIKELY = 0.1;

/** The regions that an alert may be about, the likeliest first. */
function regionsOf(alert: RegionAlert): string[] {
  if (alert.region !== null) return [alert.region];
  return alert.candidates.filter(({ probability }) => probability >= LIKELY).map(({ region }) => region);
}

/** Keeps the strongest explanation so far: facts come, are outdone and age, but the fall's cause stays the same. */
function explain(alert: RegionAlert, facts: ReturnType<typeof factsOf>, episodes: readonly Episode[]): boolean {
  const regions = regionsOf(alert);
  if (alert.cause !== undefined && !regions.includes(alert.cause.region)) delete alert.cause;
  const found = regions
    .flatMap((region) => [
      { region, ...causeHint(facts, region, alert.startedAt) },
      ...habitHint(episodes, region, alert.startedAt).map((hint) => ({ region, ...hint })),
    ])
    .reduce<(CauseHint & { region: string }) | null>(
      (best, each) => (each.rank > (best?.rank ?? 0) ? each : best),
      null,
    );
  if (found === null || found.rank <= (alert.cause?.rank ?? 0)) return false;
  alert.cause = found;
  return true;
}

/**
 * @param before regional alerts that were open when the tick began
 * @param said how many events there were when the tick began
 * @param silent nothing may be said at this tick: the network is blind, or history is filled in
 */
export function attachWitnesses(
  context: TickContext,
  before: readonly RegionAlert[],
  said: number,
  silent: boolean,
): void {
  const { state, events, at } = context;
  const facts = factsOf(state.witnesses);
  const spoken = new Set(events.slice(said).map(({ id }) => id));
  const open = regionAlerts(state);
  for (const alert of silent ? [] : open) {
    if (!explain(alert, facts, state.episodes) || spoken.has(alert.id)) continue;
    // Not `say`: when an alert is due for news is judged by its figures alone.
    alert.revision += 1;
    events.push(regionEvent(context, alert, "updated"));
  }
  const causes = new Map([...before, ...open].map((alert) => [alert.id, alert.cause]));
  const priceUsd = priceAt(state.witnesses, at);
  for (const event of events.slice(said)) {
    const cause = event.scope === "region" ? causes.get(event.id) : undefined;
    if (cause !== undefined && event.cause === undefined) event.cause = { hint: cause.hint, why: cause.why };
    if (priceUsd !== undefined) event.context = { priceUsd };
  }
}
