/** What witnesses have to say about a fall: a hint at its cause, with the reason in words. Pure. */
import { CANDIDATE_PROBABILITY } from "../../model/candidates.ts";
import type { Fact } from "../../model/fact.ts";
import { regionCovers } from "../../model/region.ts";
import type { CauseHint, RegionAlert } from "../state/alert-state.ts";
import { dailyHabit, type Episode } from "../state/episodes.ts";
import { DESERTED, DISTURBED, isAround, isGridShort } from "../state/signal-rates.ts";
import { regionAlerts } from "../state/state.ts";
import type { TickContext } from "../state/tick-context.ts";
import { factsOf, priceAt } from "../state/witness-memory.ts";
import { regionEvent } from "./events.ts";

/**
 * The best explanation of a fall of a region that began at `startedAt` (ms): connectivity before curtailment, the
 * deepest signal first. `unknown` when no witness saw anything: that is no evidence of absence.
 */
export function causeHint(facts: readonly Fact[], region: string, startedAt: number): CauseHint {
  const here = facts.filter((fact) => fact.kind !== "price" && speaksOf(fact.region, region));
  const outage = here.find((fact) => fact.kind === "outage" && isAround(fact, startedAt));
  if (outage?.kind === "outage") {
    const cause = outage.cause === null ? "" : ` (${outage.cause.toLowerCase().replaceAll("_", " ")})`;
    return { hint: "connectivity", why: `Cloudflare Radar: verified outage in ${outage.region}${cause}`, rank: 3 };
  }
  const disturbed = here
    .filter((fact) => fact.kind === "connectivity")
    .filter((fact) => fact.ratio < DISTURBED && isAround(fact, startedAt))
    .sort((a, b) => a.ratio - b.ratio)[0];
  if (disturbed !== undefined) {
    const { region: where, signal, ratio } = disturbed;
    return { hint: "connectivity", why: `IODA: ${where} ${signal} at ${ratio.toFixed(2)} of its median`, rank: 2 };
  }
  const grid = here
    .filter((fact) => fact.kind === "grid")
    .find((fact) => isAround(fact, startedAt) && isGridShort(fact));
  if (grid !== undefined) {
    const price = grid.usdPerMegawattHour;
    const dear = price === null ? "" : `, ${Math.round(price)} USD/MWh`;
    return { hint: "curtailment", why: `ERCOT: emergency level ${grid.emergencyLevel ?? "unknown"}${dear}`, rank: 1 };
  }
  return minersHint(here, startedAt) ?? { hint: "unknown", why: "no witness saw anything unusual there", rank: 0 };
}

/** A cause from the region's own history: it fell at this hour on earlier days. Used where no witness explains the fall. */
export function habitHint(episodes: readonly Episode[], region: string, startedAt: number): CauseHint[] {
  const days = dailyHabit(episodes, region, startedAt);
  if (days === null) return [];
  const why = `${region} fell at about this hour on ${days} of the last 8 days, and came back each time`;
  return [{ hint: "curtailment", why, rank: 0.8 }];
}

/**
 * A falling miner count confirms the fall without its reason. Servers that are nearly empty point to trouble of the pool
 * itself.
 */
function minersHint(facts: readonly Fact[], startedAt: number): CauseHint | undefined {
  const [fewest] = facts
    .flatMap((fact) => (fact.kind === "miners" && fact.ratio !== null ? [{ ...fact, ratio: fact.ratio }] : []))
    .filter((fact) => fact.ratio < DISTURBED && isAround(fact, startedAt))
    .sort((a, b) => a.ratio - b.ratio);
  if (fewest === undefined) return undefined;
  const { pool, region, ratio } = fewest;
  return ratio < DESERTED
    ? { hint: "pool-outage", why: `${pool}: its servers for ${region} have lost their miners`, rank: 1 }
    : {
        hint: "unknown",
        why: `${pool}: miners on its servers for ${region} at ${ratio.toFixed(2)} of their median`,
        rank: 0.5,
      };
}

/** Whether a witness for one place is relevant to a region: the same place, its country, or a part of it. */
function speaksOf(witness: string, region: string): boolean {
  return regionCovers(witness, region) || regionCovers(region, witness);
}

/** The regions that an alert may be about, likeliest first. Witnesses of other regions are ignored. */
function regionsOf(alert: RegionAlert): string[] {
  if (alert.region !== null) return [alert.region];
  return alert.candidates.filter(({ probability }) => probability >= CANDIDATE_PROBABILITY).map(({ region }) => region);
}

/**
 * Keeps the strongest explanation found so far. Witness facts age and are replaced, but the cause of a past fall does not
 * change.
 */
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
 * @param said number of events when the tick began
 * @param silent emit nothing at this tick, because the network is blind or history is being filled in
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
    // A cause alone never makes an update due: only the figures decide that.
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
