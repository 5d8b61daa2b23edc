/** The model as the scores see it: rows, and per region the rows that have a part in it. */
/** A row of the score: a pool's whole figure, its figure for one region, or (REST) what the regions leave of the whole. */
export interface Row {
  readonly pool: string;
  readonly region: string | null;
}

/** The region of the row that holds what a pool's figures for regions leave of its total. No region has such a name. */
export const REST = "*";

export interface RegionRows {
  readonly region: string;
  readonly rows: Int32Array;
  readonly weight: Float64Array;
  readonly sd: Float64Array;
  /** rows x rows: how the weights' errors go together, where that was learned; absent where every weight errs alone. */
  readonly covariance?: Float64Array;
}

/** Everything that stays the same from tick to tick. */
export interface ScoreModel {
  readonly rows: readonly Row[];
  readonly regions: readonly RegionRows[];
  /** Rows of each operator that has more than one. */
  readonly operators: readonly { readonly operator: string; readonly rows: Int32Array }[];
  /** Rows that enter the score: a total does not where what it is the sum of does. */
  readonly counted: Uint8Array;
}
