/** Facts of a witness -> rows of a tick. Unusable facts are counted and left out. */
import { type Fact, factFault, factRegion } from "../model/fact.ts";
import { regionCovers } from "../model/region.ts";
import type { WitnessSample } from "../model/sample.ts";

export interface TakenFacts {
  readonly rows: readonly WitnessSample[];
  readonly skipped: Readonly<Record<string, number>>;
}

/** A fact this far in the future has a wrong time, ms; the same as for figures. */
const AHEAD_MS = 120_000;
/** Older signals are not about the present, ms. */
const STALE_MS = 3_600_000;
/** Outages that ended longer ago than this are left out, ms. */
const OVER_MS = 6 * 3_600_000;
/** Most facts of one answer. */
const MOST_FACTS = 100;

const whole = (at: number): number => Math.round(at);

/** The same with whole milliseconds, as they are stored. */
function withWholeTimes(fact: Fact): Fact {
  if (fact.kind !== "outage") return { ...fact, at: whole(fact.at) };
  return { ...fact, from: whole(fact.from), ...(fact.to === undefined ? {} : { to: whole(fact.to) }) };
}

/** Why a fact is unusable; null when it is usable. */
function refusal(fact: Fact, regions: readonly string[], now: number): string | null {
  if (factFault(fact) !== null) return "unusable";
  const region = factRegion(fact);
  if (region !== null && !regions.some((each) => regionCovers(each, region) || regionCovers(region, each))) {
    return "elsewhere";
  }
  if (fact.kind === "outage") {
    if (fact.from > now + AHEAD_MS) return "future";
    return fact.to !== undefined && now - fact.to > OVER_MS ? "over" : null;
  }
  if (fact.at > now + AHEAD_MS) return "future";
  return now - fact.at > STALE_MS ? "stale" : null;
}

/**
 * @param regions regions of the network's weights: facts of other regions are left out
 * @param tick data time the rows are given to, ms
 * @param now data time at which it was asked, ms
 */
export function toFacts(
  source: string,
  facts: readonly Fact[],
  { regions, tick, now }: { readonly regions: readonly string[]; readonly tick: number; readonly now: number },
): TakenFacts {
  const rows: WitnessSample[] = [];
  const skipped: Record<string, number> = {};
  for (const said of facts) {
    const fact = withWholeTimes(said);
    const reason = refusal(fact, regions, now) ?? (rows.length >= MOST_FACTS ? "too-many" : null);
    if (reason === null) rows.push({ kind: "witness", at: tick, source, fact });
    else skipped[reason] = (skipped[reason] ?? 0) + 1;
  }
  return { rows, skipped };
}
