/**
 * What labelled falls are worth: worlds whose true weights are drawn from the shipped ones' own uncertainty, years of falls in
 * them, each measured by the pools that report a figure, scored by the product's own hypotheses, labelled, and learned from.
 * Only the time series are left out: every fall is measured once, as well as a few hours of figures tell it.
 */

import type { DetectorModel, DetectorPool } from "../../src/detect/contract.ts";
import { candidatesOf } from "../../src/detect/decide/candidates.ts";
import { posterior } from "../../src/detect/hypotheses/posterior.ts";
import { regionPriorOf } from "../../src/detect/hypotheses/region.ts";
import { fastScale } from "../../src/detect/model/time-scales.ts";
import { compile } from "../../src/detect/network-model.ts";
import { weightsNow } from "../../src/detect/weights/follow.ts";
import type { Label } from "../../src/detect/weights/learned.ts";
import { NAMED_PROBABILITY } from "../../src/model/candidates.ts";
import { seededRandom } from "../support/random.ts";

/** Blocks of each pool, percent of the network: config/regions.yaml. */
const POOL_PERCENT: Readonly<Record<string, number>> = {
  foundryusa: 30.9,
  antpool: 18,
  f2pool: 11.1,
  viabtc: 9,
  spiderpool: 8.2,
  secpool: 5.2,
  marapool: 4.8,
  luxor: 3.3,
  binancepool: 2.2,
  sbicrypto: 2,
  ocean: 1.4,
  braiinspool: 1.4,
  unknown: 2.5,
  "ckpool-solo": 0.1,
  publicpool: 0.02,
};
/** Falls a year and how much of the region they take: guesses, from what was reported of the last years. */
const FALLS = [
  { region: "US", perYear: 6, from: 0.1, to: 0.4 },
  { region: "PY", perYear: 3, from: 0.6, to: 0.9 },
  { region: "ET", perYear: 2, from: 0.5, to: 0.95 },
  { region: "RU", perYear: 2, from: 0.1, to: 0.43 },
  { region: "CN", perYear: 1, from: 0.25, to: 0.35 },
  { region: "KZ", perYear: 0.5, from: 0.5, to: 0.95 },
  { region: "AE", perYear: 0.3, from: 0.5, to: 0.95 },
  { region: "OM", perYear: 0.3, from: 0.5, to: 0.95 },
  { region: "NO", perYear: 0.3, from: 0.3, to: 0.9 },
] as const;
const PER_YEAR = FALLS.reduce((sum, { perYear }) => sum + perYear, 0);
const YEAR_MS = 365.25 * 86_400_000;
const START_MS = Date.UTC(2026, 9, 1);
/** How well a fall is known after some hours: a large pool to 0.7 % of itself, a small one's few miners are lumpy. */
const NOISE = 0.007;
const LUMPY_UNDER_PERCENT = 5;
/** Falls with which every stage is tried. */
const TRIED = 60;

export interface Stage {
  readonly labelled: number;
  /** Of the falls that were tried. */
  readonly named: number;
  readonly wrong: number;
  readonly tried: number;
}

export interface LearningOptions {
  readonly seed: number;
  /** Pools that report a figure. */
  readonly reporting: readonly string[];
  readonly stages: readonly number[];
  /** Part of the labels that name another region, at random. */
  readonly wrongLabels: number;
}

interface Random {
  uniform(): number;
  normal(): number;
}

function randomOf(seed: number): Random {
  const uniform = seededRandom(seed);
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** Gamma with shape k and mean 1 (Marsaglia and Tsang 2000). */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return (gamma(random, shape + 1) * (shape + 1) * random.uniform() ** (1 / shape)) / shape;
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape;
  }
}

/** True weights of a pool: positive, of the configured mean and spread, at most the whole pool. */
function trueWeights(random: Random, pool: DetectorPool): ReadonlyMap<string, number> {
  for (;;) {
    const drawn = pool.regions
      .filter(({ region, weight }) => region !== "OTHER" && weight > 0)
      .map(({ region, weight, sd }) => [region, weight * gamma(random, (weight / sd) ** 2)] as const);
    if (drawn.reduce((sum, [, weight]) => sum + weight, 0) <= 1) return new Map(drawn);
  }
}

interface Fall {
  readonly region: string;
  readonly fall: readonly number[];
  readonly variance: readonly number[];
}

/** Chances of a world are drawn once: with and without learning, the same falls happen. */
export function learnWeights(model: DetectorModel, options: LearningOptions): readonly Stage[] {
  const random = randomOf(options.seed);
  const pools = model.pools.filter(({ id }) => options.reporting.includes(id));
  const compiled = compile({ ...model, pools });
  const truth = compiled.pools.map((pool) => trueWeights(random, pool));
  const rows = compiled.pools.map(({ id }) => ({ pool: id, region: null }));
  const reference = Float64Array.from(rows, ({ pool }) => POOL_PERCENT[pool] ?? 0);
  const spec = fastScale(model.intervalSeconds);

  function draw(): Fall {
    const at = random.uniform() * PER_YEAR;
    const kind =
      FALLS.find((_, k) => FALLS.slice(0, k + 1).reduce((sum, each) => sum + each.perYear, 0) > at) ?? FALLS[0];
    const drop = kind.from + (kind.to - kind.from) * random.uniform();
    const sds = rows.map(({ pool }) => {
      const lumps = Math.min(3, Math.max(1, (LUMPY_UNDER_PERCENT / (POOL_PERCENT[pool] ?? 1)) ** 0.25));
      return NOISE * lumps;
    });
    const fall = truth.map((weights, i) => drop * (weights.get(kind.region) ?? 0) + sds[i]! * random.normal());
    return { region: kind.region, fall, variance: sds.map((sd) => sd * sd) };
  }

  /** What the product would say of a fall under the weights that hold. */
  function judgeBy(labels: readonly Label[]): (fall: Fall) => string | null {
    const { score } = compiled.layout(rows, { weights: weightsNow(compiled.pools, labels, null) });
    const priors = {
      region: regionPriorOf(score, reference),
      ramp: [1],
      onsetSteps: Float64Array.of(1),
      row: spec,
    };
    const shortlist = { regions: [...score.regions.keys()], regional: [0], networkWide: [0] };
    return ({ fall, variance }) => {
      const b = Float64Array.from(variance, (each) => 1 / each);
      const a = Float64Array.from(fall, (each, i) => each * b[i]!);
      const found = posterior({
        model: score,
        statistics: { a, b, slots: 1, ramps: 1 },
        priors,
        shortlist,
        other: null,
      });
      const [best] = candidatesOf(
        found,
        score.regions.map(({ region }) => region),
      );
      return best !== undefined && best.probability >= NAMED_PROBABILITY ? best.region : null;
    };
  }

  const tried = Array.from({ length: TRIED }, draw);
  const labels: Label[] = [];
  return options.stages.map((labelled): Stage => {
    while (labels.length < labelled) {
      const { region, fall, variance } = draw();
      const others = FALLS.filter((kind) => kind.region !== region);
      const isWrong = random.uniform() < options.wrongLabels;
      const other = others[Math.floor(random.uniform() * others.length)]!.region;
      const startedAt = START_MS + (labels.length / PER_YEAR) * YEAR_MS;
      labels.push({
        alert: `fall-${labels.length}`,
        named: null,
        startedAt,
        labelledAt: startedAt,
        pools: rows.map(({ pool }) => pool),
        fall,
        variance,
        region: isWrong ? other : region,
        by: "person",
      });
    }
    const judge = judgeBy(labels);
    const names = tried.map((fall) => ({ name: judge(fall), region: fall.region }));
    return {
      labelled,
      named: names.filter(({ name, region }) => name === region).length,
      wrong: names.filter(({ name, region }) => name !== null && name !== region).length,
      tried: tried.length,
    };
  });
}

/** Pools of config/bitcoin.yaml with a figure, and four more that would have one with a key or an aggregator. */
const REPORTING = ["foundryusa", "antpool", "viabtc", "binancepool", "ocean", "publicpool", "ckpool-solo"];
const FOUR_MORE = [...REPORTING, "f2pool", "spiderpool", "marapool", "braiinspool"];
const STAGES = [0, 3, 10, 30];

/** The table of `npm run accuracy -- --learned`: percent of falls named, and named wrongly, by labelled falls before. */
export function learnedTable(model: DetectorModel, seeds: readonly number[]): string {
  const kinds = [
    { what: "shipped", reporting: REPORTING, wrongLabels: 0 },
    { what: "shipped, a label in ten wrong", reporting: REPORTING, wrongLabels: 0.1 },
    { what: "four more figures", reporting: FOUR_MORE, wrongLabels: 0 },
    { what: "four more figures, a label in ten wrong", reporting: FOUR_MORE, wrongLabels: 0.1 },
  ];
  const lines = kinds.map(({ what, ...options }) => {
    const runs = seeds.map((seed) => learnWeights(model, { ...options, seed, stages: STAGES }));
    const cells = STAGES.map((_, k) => {
      const part = (pick: (stage: Stage) => number): string => {
        const tried = runs.reduce((sum, stages) => sum + (stages[k]?.tried ?? 0), 0);
        return ((100 * runs.reduce((sum, stages) => sum + (stages[k] ? pick(stages[k]) : 0), 0)) / tried).toFixed(1);
      };
      return `${part(({ named }) => named)} % (${part(({ wrong }) => wrong)} %)`;
    });
    return `| ${what} | ${cells.join(" | ")} |`;
  });
  return [`| named (wrongly) after | ${STAGES.join(" | ")} |`, "|---|---|---|---|---|", ...lines].join("\n");
}
