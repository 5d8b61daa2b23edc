/**
 * Every explanation that a region's fall is held against. To add one, write its file, add it here, and add its worlds to
 * `test/detect/hypotheses.test.ts`, which runs over this list. One pool's own trouble is not in it: it is a part of every
 * row's likelihood (see `likelihood.ts`), since any number of pools may have their own at any time.
 */
import type { EvaluationInput, Explanation, Hypothesis, RowHistory } from "./hypothesis.ts";
import { logSum } from "./likelihood.ts";
import { networkWideFall } from "./network-wide.ts";
import { operatorFall } from "./operator.ts";
import { transientDip } from "./transient-dip.ts";

/** The order is the order of summation. */
export const RIVALS: readonly Hypothesis[] = [networkWideFall, operatorFall, transientDip];

/** Rivals that are evaluated at every step: explanations by the hypothesis's name. */
export function rivalsAtEveryStep(input: EvaluationInput): ReadonlyMap<string, readonly Explanation[]> {
  return new Map(
    RIVALS.filter(({ asked }) => asked === "every-step").map((rival) => [rival.name, rival.evaluate(input)]),
  );
}

/** Log evidence of all rivals that are evaluated only before an alert opens. */
export function rivalsBeforeOpening(input: EvaluationInput & { readonly history: RowHistory }): number {
  const found = RIVALS.filter(({ asked }) => asked === "before-opening").flatMap((rival) => rival.evaluate(input));
  return logSum(found.map(({ score }) => score));
}
