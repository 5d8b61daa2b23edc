/** The model as the scores see it: rows, and per region the rows that have a part in it. */
/** A row of the score: a pool's whole figure, or its figure for one region. */
export interface Row {
  readonly pool: string;
  readonly region: string | null;
}

export interface RegionRows {
  readonly region: string;
  readonly rows: Int32Array;
  readonly weight: Float64Array;
  readonly sd: Float64Array;
}

/** Everything that stays the same from tick to tick. */
export interface ScoreModel {
  readonly rows: readonly Row[];
  readonly regions: readonly RegionRows[];
  /** Rows of each operator that has more than one. */
  readonly operators: readonly { readonly operator: string; readonly rows: Int32Array }[];
  /** Rows that enter the score (a pool whose regional rows enter is not counted a second time by its sum). */
  readonly counted: Uint8Array;
}
