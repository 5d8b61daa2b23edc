/** How a settled filter's uncertainty grows while figures are missing, and what it makes of the first that comes again. */
import { addTo, floatAt } from "../model/elements.ts";
import type { Foresight, StepModel } from "./steady-state.ts";

/**
 * Covariance before a figure. `level` is the level's variance, `shared` its covariance with each x, `table` that of the x
 * with each other: both are rings whose newest x is at `head`, so that a step overwrites the oldest and moves nothing.
 */
interface Spread {
  level: number;
  readonly shared: Float64Array;
  readonly table: Float64Array;
  head: number;
}

/**
 * The covariance that belongs to a settled foresight. It reproduces itself in a step, P = F P F' + Q - f f' / variance with
 * f = F cross, and F shifts: from the entries of the newest x all others follow.
 */
function settledSpread({ cells, phi, walk, kick }: StepModel, { cross, variance }: Foresight): Spread {
  const shared = new Float64Array(cells);
  const table = new Float64Array(cells * cells);
  const f0 = floatAt(cross, 0);
  const f1 = f0 + phi * (floatAt(cross, 1) - f0);
  // Relative to the level's variance, which follows from the mean of them.
  shared[0] = (walk - (f0 * f1) / variance) / (1 - phi);
  let mean = floatAt(shared, 0) / cells;
  for (let j = 1; j < cells; j++) {
    shared[j] = floatAt(shared, j - 1) - (f0 * floatAt(cross, j)) / variance;
    mean += floatAt(shared, j) / cells;
  }
  const level = f0 - mean;
  for (let j = 0; j < cells; j++) addTo(shared, j, level);
  const fixed = (1 - phi) ** 2 * level + 2 * phi * (1 - phi) * floatAt(shared, 0) + walk + kick;
  table[0] = (fixed - (f1 * f1) / variance) / (1 - phi * phi);
  for (let j = 1; j < cells; j++) {
    const row = (1 - phi) * floatAt(shared, j - 1) + phi * floatAt(table, j - 1) - (f1 * floatAt(cross, j)) / variance;
    table[j] = row;
    table[j * cells] = row;
  }
  for (let i = 1; i < cells; i++) {
    for (let j = 1; j < cells; j++) {
      table[i * cells + j] =
        floatAt(table, (i - 1) * cells + j - 1) - (floatAt(cross, i) * floatAt(cross, j)) / variance;
    }
  }
  return { level, shared, table, head: 0 };
}

/** A step without a figure, in place. */
function grow(spread: Spread, { cells, phi, walk, kick }: StepModel): void {
  const { shared, table, head, level } = spread;
  const next = (head + cells - 1) % cells;
  const withLevel = (1 - phi) * level + phi * floatAt(shared, head) + walk;
  const withNewest = (1 - phi) * floatAt(shared, head) + phi * floatAt(table, head * cells + head);
  const own = (1 - phi) * ((1 - phi) * level + phi * floatAt(shared, head)) + phi * withNewest + walk + kick;
  for (let j = 0; j < cells; j++) {
    const value = (1 - phi) * floatAt(shared, j) + phi * floatAt(table, head * cells + j);
    table[next * cells + j] = value;
    table[j * cells + next] = value;
  }
  table[next * cells + next] = own;
  shared[next] = withLevel;
  spread.level = level + walk;
  spread.head = next;
}

function foresee({ shared, table, head }: Spread, { cells, noise }: StepModel): Foresight {
  const cross = new Float64Array(cells + 1);
  let variance = noise;
  for (let age = 0; age < cells; age++) {
    const at = (head + age) % cells;
    let sum = 0;
    for (let j = 0; j < cells; j++) sum += floatAt(table, at * cells + j);
    addTo(cross, 0, floatAt(shared, at) / cells);
    cross[age + 1] = sum / cells;
    variance += sum / cells ** 2;
  }
  return { cross, variance };
}

/** The foresight after each of `gaps` missing figures, ascending. */
export function foresightAfter(model: StepModel, settled: Foresight, gaps: readonly number[]): Foresight[] {
  const spread = settledSpread(model, settled);
  let steps = 0;
  return gaps.map((missing) => {
    for (; steps < missing; steps++) grow(spread, model);
    return foresee(spread, model);
  });
}
