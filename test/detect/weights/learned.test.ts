import { describe, expect, it } from "vitest";
import type { DetectorModel } from "../../../src/detect/contract.ts";
import { emptyNulls, rowRatio, setNull } from "../../../src/detect/hypotheses/likelihood.ts";
import { makeRowTables } from "../../../src/detect/hypotheses/row-tables.ts";
import { DROPS } from "../../../src/detect/model/grids.ts";
import { compile } from "../../../src/detect/network-model.ts";
import { type Belief, configuredBelief, drifted, taught } from "../../../src/detect/weights/belief.ts";
import { type Label, learnedBeliefs, learnedPools } from "../../../src/detect/weights/learned.ts";
import { modelOf, POOLS, START } from "../world.ts";

const model: DetectorModel = modelOf();
const YEAR = 365.25 * 86_400_000;

/** A fall of KZ that takes `drop` of weights that are `factor` times the shown ones. */
function fallOf(factor: (pool: string) => number, drop = 0.8) {
  const pools = POOLS.filter(({ weights }) => weights.KZ !== undefined);
  return {
    pools: pools.map(({ id }) => id),
    fall: pools.map(({ id, weights }) => drop * factor(id) * (weights.KZ ?? 0)),
    variance: pools.map(() => 0.005 ** 2),
  };
}

const label = (
  k: number,
  region: string | null,
  factor: (pool: string) => number,
  extra: Partial<Label> = {},
): Label => ({
  ...fallOf(factor),
  alert: `alert-${k}`,
  named: "KZ",
  region,
  startedAt: START + k * 86_400_000,
  labelledAt: START + k * 86_400_000,
  by: "person",
  ...extra,
});

const at = (belief: Belief, pool: string): number => belief.pools.indexOf(pool);
const varianceOf = ({ covariance, pools }: Belief, k: number): number => covariance[k * pools.length + k]!;

describe("a fall that is known", () => {
  const before = configuredBelief(model.pools, "KZ")!;
  // Bravo has half more of KZ than was configured, against all others.
  const tilted = (pool: string) => (pool === "bravo" ? 1.5 : 1);
  const { belief } = taught(before, fallOf(tilted));

  it("moves the pattern of the weights towards what the pools lost", () => {
    const ratio = (b: Belief) => b.mean[at(b, "bravo")]! / b.mean[at(b, "foxtrot")]!;
    expect(ratio(before)).toBeCloseTo(0.9, 6);
    expect(ratio(belief)).toBeGreaterThan(1.2);
  });

  it("makes every weight surer, and pools' weights go together, since the size of the fall is not said", () => {
    for (const k of before.pools.keys()) expect(varianceOf(belief, k)).toBeLessThan(varianceOf(before, k));
    const [i, j] = [at(belief, "bravo"), at(belief, "foxtrot")];
    const shared = belief.covariance[i * belief.pools.length + j]!;
    expect(shared / Math.sqrt(varianceOf(belief, i) * varianceOf(belief, j))).toBeGreaterThan(0.7);
  });

  it("teaches nothing of a pool that did something of its own", () => {
    const odd = taught(
      before,
      fallOf((pool) => (pool === "bravo" ? -1 : 1)),
    ).belief;
    expect(odd.mean[at(odd, "bravo")]!).toBeGreaterThan(0.35);
  });

  it("is forgotten a little with the years", () => {
    const later = drifted(belief, YEAR);
    const k = at(belief, "bravo");
    expect(varianceOf(later, k) - varianceOf(belief, k)).toBeCloseTo((0.03 * belief.mean[k]!) ** 2, 9);
  });
});

describe("labels", () => {
  const double = (pool: string) => (pool === "bravo" ? 1.5 : 1);
  const learned = (labels: readonly Label[]) => learnedBeliefs(model.pools, labels);

  it("of a region that no pool has a weight of, of OTHER, or of no fall teach nothing", () => {
    const labels = ["IR", "OTHER", null].map((region, k) => label(k, region, double));
    expect(learned(labels).size).toBe(0);
    expect(learnedPools(model.pools, learned(labels))).toBe(model.pools);
  });

  it("that contradict what the region's fall looks like hardly count", () => {
    const wrong = learned([label(1, "CA", () => 1)]).get("CA")!;
    const before = configuredBelief(model.pools, "CA")!;
    const moved = wrong.mean.map((weight, k) => Math.abs(weight - before.mean[k]!));
    expect(Math.max(...moved)).toBeLessThan(0.02);
  });

  it("are undone by leaving them out: what is left is as if they had never been", () => {
    const [first, second] = [label(1, "KZ", () => 1), label(2, "KZ", double)];
    expect(learned([first]).get("KZ")).toEqual(learned([first, second].slice(0, 1)).get("KZ"));
    expect(learned([first, second]).get("KZ")!.mean).not.toEqual(learned([first]).get("KZ")!.mean);
  });
});

describe("rows whose weights were learned together", () => {
  const rows = model.pools.map(({ id }) => ({ pool: id, region: null }));
  const spec = compile(model).fast.spec;
  const b = Float64Array.from(rows, () => 1 / 0.006 ** 2);

  /** Log ratios of KZ per drop for falls of the rows, with an error model. */
  function scores(fall: readonly number[], beliefs: ReadonlyMap<string, Belief>): Float64Array {
    const { score } = compile(model).layout(rows, { weights: { pools: learnedPools(model.pools, beliefs), beliefs } });
    const a = Float64Array.from(fall, (each, i) => each * b[i]!);
    const tables = makeRowTables(score, { a, b }, spec);
    const found = new Float64Array(DROPS.length);
    tables.begin(0);
    tables.region(
      score.regions.findIndex(({ region }) => region === "KZ"),
      found,
      0,
    );
    return found;
  }

  const weights = model.pools.map(({ regions }) => regions.find(({ region }) => region === "KZ")?.weight ?? 0);

  it("score as rows that stand alone while their errors do", () => {
    const alone = new Map([["KZ", configuredBelief(model.pools, "KZ")!]]);
    const fall = weights.map((weight, i) => 0.6 * weight * (i % 2 === 0 ? 1.1 : 0.85));
    const together = scores(fall, alone);
    DROPS.forEach((drop, d) => {
      let sum = 0;
      model.pools.forEach(({ regions }, i) => {
        const known = regions.find(({ region }) => region === "KZ");
        if (known === undefined) return;
        const nulls = emptyNulls(1);
        setNull(fall[i]! * b[i]!, b[i]!, spec, nulls, 0);
        sum += Math.log(rowRatio(fall[i]! * b[i]!, b[i]!, known.weight * drop, (known.sd * drop) ** 2, spec, nulls, 0));
      });
      expect(together[d]).toBeCloseTo(sum, 6);
    });
  });

  it("tell a fall of the learned pattern from one of another far better than before, whatever its size", () => {
    const factor = (id: string) => (id === "bravo" ? 1.5 : 0.8);
    const taughtBelief = [0.5, 0.9].reduce(
      (belief, drop) => taught(belief, fallOf(factor, drop)).belief,
      configuredBelief(model.pools, "KZ")!,
    );
    const gain = (fall: readonly number[]) =>
      Math.max(...scores(fall, new Map([["KZ", taughtBelief]]))) - Math.max(...scores(fall, new Map()));
    const like = model.pools.map(({ id }, i) => 0.7 * factor(id) * weights[i]!);
    const unlike = model.pools.map(({ id }, i) => 0.7 * (id === "bravo" ? 0.5 : 1.3) * weights[i]!);
    // A row says six nats at most, so that a fall of the right pattern may gain little; one of another loses much.
    expect(gain(like) - gain(unlike)).toBeGreaterThan(3);
    expect(gain(unlike)).toBeLessThan(0);
  });
});
