/** What looks like a regional fall and is none, drawn per seed and written into the labels. */
import { DAY_MS } from "../../model/time-units.ts";
import type { Scenario } from "../scenarios/contract.ts";
import type { Random } from "./random.ts";

export const CONFOUNDER_KINDS = [
  "pool-outage",
  "migration",
  "network-dip",
  "unit-slip",
  "stale-figure",
  "gap",
] as const;
export type ConfounderKind = (typeof CONFOUNDER_KINDS)[number];

export interface Confounder {
  readonly kind: ConfounderKind;
  /** Null for the whole network. */
  readonly pool: string | null;
  /** Where the miners went, in a migration. */
  readonly toPool?: string;
  readonly start: number;
  readonly end: number;
  /** Fraction of the pool (of the network, for a dip) at the worst moment; the factor for a unit slip. */
  readonly size: number;
}

/** Draws the confounders of the span [from, until). */
export function drawConfounders(scenario: Scenario, from: number, until: number, random: Random): Confounder[] {
  const pools = scenario.pools.filter((pool) => pool.figure !== undefined).map((pool) => pool.id);
  const count = random.poisson((scenario.confoundersPerDay * (until - from)) / DAY_MS);
  const drawn: Confounder[] = [];
  for (let index = 0; index < count; index++) {
    const kind = random.pick(CONFOUNDER_KINDS);
    const pool = random.pick(pools);
    const start = Math.round(random.between(from, until) / 60_000) * 60_000;
    const end = start + Math.round(random.between(0.5, 6) * 60) * 60_000;
    switch (kind) {
      case "pool-outage":
        drawn.push({ kind, pool, start, end, size: random.between(0.25, 1) });
        break;
      case "migration": {
        const toPool = random.pick(pools.filter((other) => other !== pool));
        drawn.push({ kind, pool, toPool, start, end, size: random.between(0.05, 0.3) });
        break;
      }
      case "network-dip":
        drawn.push({ kind, pool: null, start, end, size: random.between(0.02, 0.1) });
        break;
      case "unit-slip":
        drawn.push({ kind, pool, start, end, size: random.chance(0.5) ? 1e-3 : 1e3 });
        break;
      case "stale-figure":
      case "gap":
        drawn.push({ kind, pool, start, end, size: 1 });
        break;
    }
  }
  return drawn.sort((a, b) => a.start - b.start);
}
