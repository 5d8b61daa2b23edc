/** A fall of everything that is remembered. */
export interface Dip {
  /** Data time, ms. */
  onset: number;
  /** Of the fast scale's ramps. */
  ramp: number;
  /** Of every row, 0..1. */
  drop: number;
  /** When it became known, ms. */
  since: number;
}
