/** The state of one time scale: filters, noise, the last innovations, and the sufficient statistics. */
export interface ScaleState {
  /** Rows (pools, then regional rows); the length of every per-row array. */
  rows: number;
  /** Step of the newest innovations, data time ms; 0 before the first. */
  at: number;
  /** Filter states, row by row and bank entry by bank entry; where a row's begin is the scale's business. */
  filters: Float64Array[];
  /** Chosen bank entry of each row. */
  chosen: Int32Array;
  /** Squared noise unit per row and bank entry: mean of innovation^2 over the filter's variance, clipped. */
  units: Float64Array[];
  /** Accepted figures so far. */
  seen: Float64Array;
  /** Steps since the last accepted figure. */
  missing: Int32Array;
  /** Slow reference that makes innovations relative, H/s; 0 before the first figure. */
  reference: Float64Array;
  /** Fall innovations (expected - figure, over the reference), newest step at `ringHead`; NaN where missing. */
  ringInnovation: Float32Array;
  ringVariance: Float32Array;
  ringHead: number;
  /** Onsets under watch, oldest first, data time ms. */
  slotAt: Float64Array;
  slots: number;
  /** sum g e / v and sum g^2 / v per slot, ramp, row. */
  sumA: Float64Array;
  sumB: Float64Array;
}

export function emptyScaleState(
  rows: number,
  bankSizes: readonly (readonly number[])[],
  shape: { readonly ages: number; readonly maxSlots: number; readonly ramps: number },
): ScaleState {
  return {
    rows,
    at: 0,
    filters: bankSizes.map((sizes) => new Float64Array(sizes.reduce((a, b) => a + b, 0))),
    chosen: new Int32Array(rows),
    units: bankSizes.map((sizes) => new Float64Array(sizes.length)),
    seen: new Float64Array(rows),
    missing: new Int32Array(rows),
    reference: new Float64Array(rows),
    ringInnovation: new Float32Array(shape.ages * rows).fill(Number.NaN),
    ringVariance: new Float32Array(shape.ages * rows),
    ringHead: 0,
    slotAt: new Float64Array(shape.maxSlots),
    slots: 0,
    sumA: new Float64Array(shape.maxSlots * shape.ramps * rows),
    sumB: new Float64Array(shape.maxSlots * shape.ramps * rows),
  };
}

/** Sufficient statistics of every hypothesis: per onset, ramp and row, rows fastest. */
export interface SufficientStatistics {
  /** A = sum g e / v: how well the row's innovations fit a fall there. */
  readonly a: Float64Array;
  /** B = sum g^2 / v: the information about a fall there. */
  readonly b: Float64Array;
  readonly slots: number;
  readonly ramps: number;
  /** Innovations of the rows from which known falls were subtracted, newest first. */
  readonly cleaned?: ReadonlyMap<number, Float64Array>;
  /** Outages of single rows, each with its own onset; absent where rows are no series in time. */
  readonly outages?: RowOutages;
}

/** How likely single rows had an outage of their own. */
export interface RowOutages {
  /**
   * Per row, as it is weighed at a cell: log of chance times likelihood ratio against "stood", summed over onsets, ramps and
   * sizes.
   */
  logAt(cell: number): Float64Array;
}
