import { describe, expect, it } from "vitest";
import { Random } from "../../src/simulate/world/random.ts";

const COUNT = 40_000;

function moments(draw: () => number): { mean: number; variance: number } {
  const values = Array.from({ length: COUNT }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / COUNT;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT;
  return { mean, variance };
}

describe("seeded randomness", () => {
  it("is the same for the same name and unrelated for names that differ by a letter", () => {
    const take = (name: string) => {
      const random = new Random(name);
      return Array.from({ length: 2_000 }, () => random.uniform() - 0.5);
    };
    expect(take("a/1")).toEqual(take("a/1"));
    const [one, other] = [take("a/1"), take("a/2")];
    const correlation = one.reduce((sum, value, index) => sum + value * other[index]! * 12, 0) / one.length;
    // The standard error of a correlation of 2,000 pairs is 0.022.
    expect(Math.abs(correlation)).toBeLessThan(0.1);
  });

  const random = new Random("moments");
  it.each([
    ["uniform", () => random.uniform(), 1 / 2, 1 / 12],
    ["between", () => random.between(2, 4), 3, 1 / 3],
    ["normal", () => random.normal(), 0, 1],
    ["exponential", () => random.exponential(3), 3, 9],
    ["gamma of a large shape", () => random.gamma(5), 5, 5],
    ["gamma of a small shape", () => random.gamma(0.3), 0.3, 0.3],
    ["Poisson", () => random.poisson(0.4), 0.4, 0.4],
    ["chance", () => (random.chance(0.2) ? 1 : 0), 0.2, 0.16],
  ])("%s has the mean and the variance that it should", (_, draw, mean, variance) => {
    const measured = moments(draw);
    expect(Math.abs(measured.mean - mean)).toBeLessThan(6 * Math.sqrt(variance / COUNT));
    expect(measured.variance / variance).toBeGreaterThan(0.9);
    expect(measured.variance / variance).toBeLessThan(1.1);
  });

  it("has heavier tails than a Gaussian where that is asked for", () => {
    const beyond = (draw: () => number) => Array.from({ length: COUNT }, draw).filter((x) => Math.abs(x) > 4).length;
    // Gaussian: 2.5 of 40,000. Student's t with four degrees of freedom at unit variance: about 190.
    expect(beyond(() => random.normal())).toBeLessThan(15);
    expect(beyond(() => random.heavy())).toBeGreaterThan(100);
  });

  it("never gives the ends of the unit interval, and picks from all there is", () => {
    const values = Array.from({ length: COUNT }, () => random.uniform());
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
    expect(new Set(Array.from({ length: 200 }, () => random.pick(["a", "b", "c"])))).toEqual(new Set(["a", "b", "c"]));
  });
});
