/**
 * Finds sources that speak for different regions or pools and are one upstream all the same: two addresses behind which one
 * server answers. Nobody knows whose figure that is, so it becomes no row.
 */
import type { FetchOutcome, RateObservation, SourceAnswer } from "../sources/contract.ts";

/**
 * Regional figures of two documents that agree in so many digits are taken for one, since a body may differ by its clock alone.
 * Chance makes one pair of 900 agree, which costs a row of one tick.
 */
const TELLING_DIGITS = 3;

type OkOutcome = Extract<FetchOutcome, { kind: "ok" }>;
interface Said {
  readonly bodySha256: string;
  readonly rows: readonly RateObservation[];
}

export type SameAnswer = (answers: readonly SourceAnswer[]) => FetchOutcome[];

/** One for each network and process: it remembers what each source said last, since not every tick asks them all. */
export function makeSameAnswer(): SameAnswer {
  const last = new Map<string, Said>();
  const twins = new Map<string, string>();
  return (answers) => {
    for (const { source, outcome } of answers) if (outcome.kind === "ok") last.set(source, saidBy(outcome));
    return answers.map(({ source, outcome }) => {
      const own = last.get(source);
      if (outcome.kind !== "ok" || own === undefined || own.rows.length === 0) return outcome;
      const twin = [...last].find(([other, said]) => other !== source && isSame(own, said))?.[0];
      if (twin !== undefined) twins.set(source, twin);
      // Where both fell to zero there is nothing to tell them apart by: they are one until they differ.
      else if (own.rows.some(({ hashrate }) => hashrate !== null && hashrate > 0)) twins.delete(source);
      const known = twins.get(source);
      return known === undefined ? outcome : refused(own, source, known);
    });
  };
}

function saidBy({ bodySha256, rows }: OkOutcome): Said {
  // A share of blocks is counted from the chain: two servers that count right say the same.
  return {
    bodySha256,
    rows: rows.filter((row) => row.kind === "rate" && row.basis !== "block-derived") as RateObservation[],
  };
}

function isSame(own: Said, other: Said): boolean {
  const oneBody = own.bodySha256 !== "" && own.bodySha256 === other.bodySha256;
  return own.rows.some((row) => other.rows.some((rival) => areOneFigure(row, rival, oneBody)));
}

function areOneFigure(row: RateObservation, rival: RateObservation, oneBody: boolean): boolean {
  if (row.hashrate === null || row.hashrate <= 0 || row.hashrate !== rival.hashrate) return false;
  // One figure of one pool from two sources is a spare, and welcome. A region's row that is its pool's whole is not.
  if (row.pool === rival.pool && (row.region ?? null) === (rival.region ?? null)) return false;
  if ((row.region ?? null) === null && row.pool === rival.pool) return false;
  return oneBody || (isRegional(row) && isRegional(rival) && digitsOf(row.raw.text) >= TELLING_DIGITS);
}

const isRegional = ({ region }: RateObservation): boolean => (region ?? null) !== null;

/** Significant digits of the text that came. */
function digitsOf(text: string): number {
  const number = /\d[\d.,]*/.exec(text)?.[0] ?? "";
  return number.replace(/\D/g, "").replace(/^0+|0+$/g, "").length;
}

function refused({ rows }: Said, source: string, twin: string): FetchOutcome {
  const whose = [
    ...new Set(rows.map(({ pool, region }) => ((region ?? null) === null ? pool : `${pool} in ${region}`))),
  ];
  return {
    kind: "error",
    class: "semantic",
    detail: `its answer is also that of ${twin}: no row for ${whose.slice(0, 3).join(", ")}, since nobody knows whose figure it is`,
    advice: `${source} and ${twin} reach one server: keep the one whose region or pool it is, and leave the other out`,
  };
}
