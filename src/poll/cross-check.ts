/** Compares each source's answer with those of the network's other sources. */
import type { FetchOutcome, SourceAnswer } from "../sources/contract.ts";
import { makeSameAnswer } from "./same-answer.ts";
import { makeSameChain } from "./same-chain.ts";

/** The outcomes in the order of the answers; one that does not fit the others is a failure that says why. */
export type CrossCheck = (answers: readonly SourceAnswer[]) => FetchOutcome[];

/** @param blockIntervalSeconds the network's, where it is known */
export function makeCrossCheck(blockIntervalSeconds: number | undefined): CrossCheck {
  const sameAnswer = makeSameAnswer();
  const sameChain = makeSameChain(blockIntervalSeconds);
  return (answers) => {
    const outcomes = sameAnswer(answers);
    return sameChain(answers.map(({ source }, i) => ({ source, outcome: outcomes[i] as FetchOutcome })));
  };
}
