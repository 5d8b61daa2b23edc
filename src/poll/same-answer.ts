/**
 * Finds sources for different regions or pools whose addresses lead to one server. It is unknown whose figure that server
 * gives, so it becomes no row.
 */
import type { FetchOutcome, RateObservation, SourceAnswer } from "../sources/contract.ts";

/**
 * Regional figures of two documents count as equal when they agree in this many digits, since a body may differ by its clock
 * alone. One pair in 900 agrees by chance, which costs a row of one tick.
 */
const TELLING_DIGITS = 3;

type OkOutcome = Extract<FetchOutcome, { kind: "ok" }>;
interface Said {
  readonly bodySha256: string;
  readonly rows: readonly RateObservation[];
}

export type SameAnswer = (answers: readonly SourceAnswer[]) => FetchOutcome[];

/** Makes the check for one network. It remembers each source's last answer, since not every tick asks all sources. */
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
      // Two zeros cannot be told apart: they count as one until they differ.
      else if (own.rows.some(({ hashrate }) => hashrate !== null && hashrate > 0)) twins.delete(source);
      const known = twins.get(source);
      return known === undefined ? outcome : refused(own, source, known);
    });
  };
}

function saidBy({ bodySha256, rows }: OkOutcome): Said {
  // A share of blocks is counted from the chain, so two correct servers agree.
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
  // Two sources for one pool's figure are allowed. A regional row that equals its pool's total is not.
  if (row.pool === rival.pool && (row.region ?? null) === (rival.region ?? null)) return false;
  if ((row.region ?? null) === null && row.pool === rival.pool) return false;
  return oneBody || (isRegional(row) && isRegional(rival) && digitsOf(row.raw.text) >= TELLING_DIGITS);
}

const isRegional = ({ region }: RateObservation): boolean => (region ?? null) !== null;

/** Significant digits of the received text. */
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
