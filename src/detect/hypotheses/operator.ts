/** The pools of one operator fell together: a data centre, an account system or a company failed, and no region did. */
import { SHARED, SHARED_PRIOR, SHARED_SD } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { cellOffset, onsetOfCell } from "../statistics/onset-grid.ts";
import { type EvaluationInput, type Explanation, type Hypothesis, largestAt } from "./hypothesis.ts";
import { emptyNulls, logProduct, logSum, setNull } from "./likelihood.ts";

/** Sums each operator over the shortlist's regional cells. */
function evaluate({ model, statistics, priors, shortlist }: EvaluationInput): Explanation[] {
  const { a, b, ramps, outages } = statistics;
  const { counted, operators } = model;
  const nulls = emptyNulls(model.rows.length);
  const terms = operators.map(() => new Float64Array(shortlist.regional.length * SHARED.length));
  for (const [k, cell] of shortlist.regional.entries()) {
    const offset = cellOffset(cell, model.rows.length);
    const onset = Math.log(priors.onsetSteps[onsetOfCell(cell, ramps)] ?? 0);
    const own = outages?.logAt(cell);
    const prior = onset + Math.log(SHARED_PRIOR / (SHARED.length * ramps));
    for (const [n, { rows }] of operators.entries()) {
      for (const i of rows) setNull(a[offset + i] ?? 0, b[offset + i] ?? 0, priors.row, nulls, i, own?.[i]);
      for (const [d, size] of SHARED.entries()) {
        const ratio = logProduct(rows, size, SHARED_SD, a, b, offset, counted, priors.row, nulls);
        (terms[n] as Float64Array)[k * SHARED.length + d] = prior + ratio;
      }
    }
  }
  return operators.map(({ operator }, n) => {
    const values = terms[n] as Float64Array;
    const best = largestAt(values);
    return {
      subject: operator,
      score: logSum(values),
      size: SHARED[best % SHARED.length] ?? 0,
      cell: shortlist.regional[Math.floor(best / SHARED.length)] ?? 0,
    };
  });
}

function predict(model: ScoreModel, subject: string, size: number): Float64Array {
  const fall = new Float64Array(model.rows.length);
  for (const row of model.operators.find(({ operator }) => operator === subject)?.rows ?? []) fall[row] = size;
  return fall;
}

export const operatorFall: Hypothesis = {
  name: "operator",
  asked: "every-step",
  sizes: SHARED,
  prior: () => SHARED_PRIOR,
  evaluate,
  predict,
};
