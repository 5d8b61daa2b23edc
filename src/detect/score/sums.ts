/** What every hypothesis is scored from: per slot (onset), ramp and row, rows fastest. */
export interface Sums {
  /** sum g e / v: how well the row's innovations fit a fall there. */
  readonly a: Float64Array;
  /** sum g^2 / v: how much they could have said of one. */
  readonly b: Float64Array;
  readonly slots: number;
  readonly ramps: number;
}
