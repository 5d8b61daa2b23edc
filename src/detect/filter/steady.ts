/**
 * The whitening filter of one kind of figure: a Kalman filter in its steady state that knows the averaging window.
 *
 * Model, per step, in any unit (the caller scales):  level' = level + walk;  x' = level' + phi (x - level) + kick;
 * figure = mean of the last `cells` values of x + noise. State: the level, then the last `cells` values of x, newest first.
 * The covariance of such a filter does not depend on the data, so gains are computed once (Anderson and Moore, Optimal
 * Filtering, 1979, chapter 4) and an update costs O(cells). After missing rows the first figure uses the gain and the
 * variance that the covariance would have grown to; from there on the steady gain again, a small loss.
 */

export interface NoiseModel {
  /** Time constant of the fast, mean-reverting part. */
  readonly fastSeconds: number;
  /** Standard deviation of one figure's own noise, in units of the fast part's stationary one. */
  readonly noise: number;
  /** Standard deviation of the level's walk over a day, in the same units. */
  readonly walkPerDay: number;
}

export interface SteadyFilter {
  readonly cells: number;
  readonly phi: number;
  /** Gain on [level, x newest .. x oldest] after `missing[k]` skipped steps, with the innovation's variance then. */
  readonly gains: readonly { readonly missing: number; readonly gain: Float64Array; readonly variance: number }[];
}

const GAPS = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 72, 96, 144, 288] as const;

/** P <- F P F' + Q for the shift structure described above. */
function predictCovariance(p: Float64Array, n: number, phi: number, walk: number, kick: number): void {
  const l = new Float64Array(n);
  const x = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    l[j] = p[j]!;
    x[j] = (1 - phi) * p[j]! + phi * p[n + j]!;
  }
  const ll = l[0]!;
  const lx = (1 - phi) * l[0]! + phi * l[1]!;
  const xx = (1 - phi) * x[0]! + phi * x[1]!;
  for (let i = n - 1; i >= 2; i--) for (let j = n - 1; j >= 2; j--) p[i * n + j] = p[(i - 1) * n + j - 1]!;
  for (let j = 2; j < n; j++) {
    p[j] = p[j * n] = l[j - 1]!;
    p[n + j] = p[j * n + 1] = x[j - 1]!;
  }
  p[0] = ll + walk;
  p[1] = p[n] = lx + walk;
  p[n + 1] = xx + walk + kick;
}

/** Gain and innovation variance for the predicted covariance. */
function gainOf(p: Float64Array, n: number, noise: number): { gain: Float64Array; variance: number } {
  const cells = n - 1;
  const ph = new Float64Array(n);
  let variance = noise;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 1; j < n; j++) sum += p[i * n + j]!;
    ph[i] = sum / cells;
  }
  for (let j = 1; j < n; j++) variance += ph[j]! / cells;
  return { gain: ph.map((value) => value / variance), variance };
}

function correctCovariance(p: Float64Array, n: number, gain: Float64Array, variance: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) p[i * n + j]! -= gain[i]! * gain[j]! * variance;
}

/** Solves for the steady state by iteration and tabulates the gains after gaps. O(cells^3), once per kind of figure. */
export function steadyFilter(model: NoiseModel, cells: number, stepSeconds: number): SteadyFilter {
  const n = cells + 1;
  const phi = Math.exp(-stepSeconds / model.fastSeconds);
  const walk = (model.walkPerDay ** 2 * stepSeconds) / 86_400;
  const kick = 1 - phi * phi;
  const noise = model.noise ** 2;
  const p = new Float64Array(n * n);
  for (let i = 0; i < n; i++) p[i * n + i] = 1;
  let last = 0;
  for (let k = 0; k < 40 * cells + 2000; k++) {
    predictCovariance(p, n, phi, walk, kick);
    const { gain, variance } = gainOf(p, n, noise);
    correctCovariance(p, n, gain, variance);
    if (k > 3 * cells + 20 && Math.abs(variance - last) < 1e-9 * variance) break;
    last = variance;
  }
  const gains = [];
  let steps = 0;
  for (const missing of GAPS) {
    for (; steps <= missing; steps++) predictCovariance(p, n, phi, walk, kick);
    gains.push({ missing, ...gainOf(p, n, noise) });
  }
  return { cells, phi, gains };
}

/** One prediction step in place; `s` is [level, x newest .. x oldest] at `offset`. Returns the predicted figure. */
export function predict(filter: SteadyFilter, s: Float64Array, offset: number): number {
  const { cells, phi } = filter;
  const first = offset + 1;
  const level = s[offset]!;
  const next = level + phi * (s[first]! - level);
  let sum = next;
  for (let j = first + cells - 1; j > first; j--) {
    const value = s[j - 1]!;
    s[j] = value;
    sum += value;
  }
  s[first] = next;
  return sum / cells;
}

/** The gain to use after `missing` skipped steps. */
export function gainAfter(filter: SteadyFilter, missing: number): { gain: Float64Array; variance: number } {
  let found = filter.gains[0]!;
  for (const entry of filter.gains) if (entry.missing <= missing) found = entry;
  return found;
}

/** Adds an innovation to the state in place. */
export function correct(gain: Float64Array, s: Float64Array, offset: number, innovation: number): void {
  for (let j = 0; j < gain.length; j++) s[offset + j]! += gain[j]! * innovation;
}

/**
 * Innovations that a unit fall leaves in the filter, by age in steps, for a fall that grows linearly over `rampSeconds`.
 * The onset lies in the middle of the first step on average.
 */
export function fallResponse(
  filter: SteadyFilter,
  rampSeconds: number,
  stepSeconds: number,
  ages: number,
): Float64Array {
  const s = new Float64Array(filter.cells + 1);
  const { gain } = filter.gains[0]!;
  const fallen: number[] = [];
  return Float64Array.from({ length: ages }, (_, age) => {
    fallen.push(Math.min(1, ((age + 0.5) * stepSeconds) / Math.max(rampSeconds, 0.5 * stepSeconds)));
    if (fallen.length > filter.cells) fallen.shift();
    const figure = fallen.reduce((a, b) => a + b) / filter.cells;
    const innovation = figure - predict(filter, s, 0);
    correct(gain, s, 0, innovation);
    return innovation;
  });
}
