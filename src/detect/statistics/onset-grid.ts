/**
 * The grid of onsets and ramps, and where everything on it stands in the typed arrays. Nothing else in the detector computes
 * such an index.
 *
 * - An onset is named by its place in the scale's memory, oldest first. A ramp is named by its place in the scale's list.
 * - A cell is one onset with one ramp. Cells are numbered with ramps fastest.
 * - Sufficient statistics are kept per cell and row, rows fastest.
 * - Innovations are kept in a ring of `ages` steps, rows fastest. The newest step is at `ringHead`.
 * - A filter's responses to a unit fall are kept ramp by ramp, with `ages` values each.
 */

/** The cell of an onset and a ramp. */
export function cellOf(onset: number, ramp: number, ramps: number): number {
  return onset * ramps + ramp;
}

/** The onset of a cell. */
export function onsetOfCell(cell: number, ramps: number): number {
  return Math.floor(cell / ramps);
}

/** The ramp of a cell. */
export function rampOfCell(cell: number, ramps: number): number {
  return cell % ramps;
}

/** Where a cell's statistics begin: the first row's. */
export function cellOffset(cell: number, rows: number): number {
  return cell * rows;
}

/** Steps that the ring and the responses hold: age 0 to the oldest onset's. */
export function agesOf(spec: { readonly maxAge: number }): number {
  return spec.maxAge + 1;
}

/** The ring's place of `back` steps before `head`; `back` may be any whole number from 0 on. */
export function ringStep(head: number, ages: number, back: number): number {
  return (((head - back) % ages) + ages) % ages;
}

/** Where the innovations of `back` steps ago begin in the ring: the first row's. */
export function ringOffset(
  state: { readonly ringHead: number; readonly rows: number },
  ages: number,
  back: number,
): number {
  return ringStep(state.ringHead, ages, back) * state.rows;
}

/** Where the newest innovations begin in the ring. */
export function newestOffset(state: { readonly ringHead: number; readonly rows: number }): number {
  return state.ringHead * state.rows;
}

/** Where the response to a unit fall of that ramp stands, `age` steps after its onset. */
export function responseOffset(ramp: number, age: number, ages: number): number {
  return ramp * ages + age;
}

/** Steps from one time to a later one, ms. */
export function stepsBetween(from: number, to: number, stepSeconds: number): number {
  return Math.round((to - from) / (stepSeconds * 1000));
}

/** Spacing of the onsets that are kept, by their age in steps: dense while young, sparse when old; each divides the next. */
const SPACING = [
  { below: 12, every: 1 },
  { below: 36, every: 3 },
  { below: 72, every: 6 },
  { below: 144, every: 12 },
  { below: 288, every: 24 },
] as const;
const OLDEST_SPACING = 48;

/** Steps between the onsets that are kept at that age. */
export function spacingAt(age: number): number {
  return SPACING.find((entry) => age < entry.below)?.every ?? OLDEST_SPACING;
}

/** Onsets around that of a young alert are kept dense, so that its onset stays known: this many steps either way. */
export const PROTECT_STEPS = 8;
const PROTECTED = 2 * PROTECT_STEPS + 2;

/** How many onsets a scale keeps at most. */
export function capacityOf(maxAge: number): number {
  let count = 4 + PROTECTED;
  for (let age = 0; age <= maxAge; age++) count += 1 / spacingAt(age);
  return Math.ceil(count);
}
