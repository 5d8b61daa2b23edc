/** Figures of the block evidence: false openings a year, delays, ends, and cost. Minutes, not part of `npm test`. */
import { performance } from "node:perf_hooks";
import { describe, expect, it } from "vitest";
import { createBlockEvidence } from "../../../src/detect/blocks/block-evidence.ts";
import type { BlockSample } from "../../../src/model/sample.ts";
import { chain, DAY, follow, HOUR, modelOf, type PoolSpec, START } from "../../detect/blocks/chain-world.ts";
import { FLEETS, quietYear } from "./worlds.ts";

const YEARS = Number(process.env.BLOCK_YEARS ?? 4);
const SEED = Number(process.env.BLOCK_SEED ?? 1);
const BUDGET_A_YEAR = (0.1 * 365.25) / 30;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe.each(Object.entries(FLEETS))("fleet %s", (name, pools) => {
  it("opens no more than the budget in years in which no region falls", () => {
    const openings: string[] = [];
    for (let year = 0; year < YEARS; year++) {
      const seed = SEED * 1000 + year * 10;
      const { said } = follow(createBlockEvidence(modelOf(pools)), quietYear(seed, pools), 17);
      for (const { hours, opinion } of said) {
        if (opinion.kind === "open") openings.push(`${opinion.region} seed ${seed} day ${(hours / 24).toFixed(0)}`);
      }
    }
    console.log(`${name}: ${(openings.length / YEARS).toFixed(2)} false openings a year in ${YEARS} years`, openings);
    // Poisson: what the budget allows, and three standard deviations.
    const allowed = BUDGET_A_YEAR * YEARS;
    expect(openings.length).toBeLessThanOrEqual(allowed + 3 * Math.sqrt(allowed));
  });

  it("shows falls after a day or two, and their end after a day", () => {
    const [region] = Object.keys(Object.values(pools)[0]!.regions);
    for (const drop of [0.4, 0.6, 0.8]) {
      const told = Array.from({ length: 4 * YEARS }, (_, i) => delays(SEED * 1000 + i, pools, region!, drop));
      const seen = told.filter(({ opened }) => opened < 120);
      const late = seen.map(({ ended }) => ended);
      console.log(
        `${name}: ${drop} of ${region}: ${seen.length} of ${told.length} seen, median ${median(told.map(({ opened }) => opened)).toFixed(0)} h;`,
        `${late.filter((hours) => hours < 0).length} ended too early, else ${median(late.filter((hours) => hours >= 0)).toFixed(0)} h after`,
      );
      if (drop === 0.8) expect(median(told.map(({ opened }) => opened))).toBeLessThan(48);
    }
  });
});

/** Hours from a fall of five days to its opening, and from its end to the alert's. */
function delays(
  seed: number,
  pools: Readonly<Record<string, PoolSpec>>,
  region: string,
  drop: number,
): { opened: number; ended: number } {
  const [from, to] = [24 * 24, 29 * 24];
  const factor = (pool: string, hours: number): number =>
    hours >= from && hours < to ? 1 - (pools[pool]?.regions[region] ?? 0) * drop : 1;
  const { said } = follow(createBlockEvidence(modelOf(pools)), chain({ seed, days: 38, pools, factor }), 24);
  const opened = said.find(({ opinion }) => opinion.kind === "open" && opinion.region === region);
  const ended = said.find(({ opinion }) => opinion.kind === "resolve" && opinion.region === region);
  return {
    opened: opened === undefined ? Number.POSITIVE_INFINITY : opened.hours - from,
    ended: ended === undefined ? 24 * 9 : ended.hours - to,
  };
}

it("costs little: an evaluation of 16 pools x 13 regions, and of 500 x 50", () => {
  for (const [count, regions] of [
    [16, 13],
    [500, 50],
  ] as const) {
    const pools = Object.fromEntries(
      Array.from({ length: count }, (_, p) => [
        `p${p}`,
        {
          share: 0.98 / count,
          regions: Object.fromEntries(Array.from({ length: regions }, (_, r) => [`R${r}`, 1 / regions])),
        },
      ]),
    );
    const evidence = createBlockEvidence(modelOf(pools));
    const state = evidence.initial();
    const rows: BlockSample[] = chain({ seed: SEED, days: 24, pools });
    evidence.observe(
      state,
      START + 20 * DAY,
      rows.filter(({ at }) => at <= START + 20 * DAY),
    );
    const times: number[] = [];
    for (let at = START + 20 * DAY + HOUR; at <= START + 24 * DAY; at += HOUR) {
      evidence.observe(
        state,
        at,
        rows.filter((row) => row.at > at - HOUR && row.at <= at),
      );
      const begun = performance.now();
      evidence.decide(state, evidence.evaluate(state, at));
      times.push(performance.now() - begun);
    }
    const bytes = evidence.encode(state).length;
    console.log(
      `${count} x ${regions}: ${median(times).toFixed(2)} ms an evaluation, at most ${Math.max(...times).toFixed(1)}; ${bytes} bytes of state`,
    );
    expect(bytes).toBeLessThan(256_000);
  }
});
