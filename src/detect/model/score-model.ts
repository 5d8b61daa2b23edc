/** The model of the scores: rows, and per region the rows with a weight in it. */
/** A row of the score: a pool's total, its figure for one region, or the rest (REST) that the regions leave of the total. */
export interface Row {
  readonly pool: string;
  readonly region: string | null;
}

/** Region of the row that holds a pool's rest. No real region has this name. */
export const REST = "*";

export interface RegionRows {
  readonly region: string;
  readonly rows: Int32Array;
  readonly weight: Float64Array;
  readonly sd: Float64Array;
  /** rows x rows: covariance of the weights' errors where it was learned; absent where errors are independent. */
  readonly covariance?: Float64Array;
}

/** Everything that stays the same from tick to tick. */
export interface ScoreModel {
  readonly rows: readonly Row[];
  readonly regions: readonly RegionRows[];
  /** Rows of each operator that has more than one. */
  readonly operators: readonly { readonly operator: string; readonly rows: Int32Array }[];
  /** Rows that enter the score: a total does not where its parts do. */
  readonly counted: Uint8Array;
}
