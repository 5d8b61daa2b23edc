/** What the score knows of a world and of anybody who watches it. Times are data milliseconds. */
import type { Sample } from "../../src/model/sample.ts";

/** A fall of one region that really happened in the world. */
export interface Fall {
  readonly region: string;
  readonly start: number;
  /** When it was at its deepest for the first time. */
  readonly rampEnd: number;
  /** When the last of it had come back; the world's end where it never did. */
  readonly end: number;
}

/** One event of a regional alert, as far as it is judged. */
export interface Statement {
  readonly id: string;
  readonly type: "opened" | "updated" | "resolved";
  readonly at: number;
  /** Null while no region is named. */
  readonly region: string | null;
  readonly candidates: readonly { readonly region: string; readonly probability: number }[];
}

/** Whoever is judged: takes the rows of one tick after the other, and says what it has to say. */
export interface Contestant {
  readonly name: string;
  tick(at: number, rows: readonly Sample[]): Statement[];
}
