/**
 * Compares the chains of a network's sources by height, and for lists of blocks by difficulty too. A source that is alone on a
 * fork, a testnet or a stalled node is reported and gives no row.
 */
import { HOUR_SECONDS } from "../model/time-units.ts";
import type { FetchOutcome, SourceAnswer } from "../sources/contract.ts";

/** Difficulty moves by no more than this factor at one step of Bitcoin's rule; a minority fork's differs by more. */
const DIFFICULTY_FACTOR = 4;
/** Heights of one chain differ by less than this part, however late a source is. */
const HEIGHT_PART = 0.05;
/** A list of blocks has stalled when it ends this long before another one, seconds. */
const BEHIND_SECONDS = 4 * HOUR_SECONDS;

interface Tip {
  readonly height: number;
  /** Difficulty, only from lists of blocks: pool software states it in units of its own. */
  readonly difficulty?: number;
}

type Verdict = "one-chain" | "behind" | "other-chain";

export type SameChain = (answers: readonly SourceAnswer[]) => FetchOutcome[];

/** @param blockIntervalSeconds the chain's; undefined where it is unknown, and then no source counts as behind */
export function makeSameChain(blockIntervalSeconds: number | undefined): SameChain {
  const tips = new Map<string, Tip>();
  const behindBlocks =
    blockIntervalSeconds === undefined ? Number.POSITIVE_INFINITY : BEHIND_SECONDS / blockIntervalSeconds;
  return (answers) => {
    for (const { source, outcome } of answers) {
      const tip = outcome.kind === "ok" ? tipOf(outcome) : undefined;
      if (tip !== undefined) tips.set(source, tip);
      else if (outcome.kind !== "not-modified") tips.delete(source);
    }
    return answers.map(({ source, outcome }) => {
      const own = tips.get(source);
      if (outcome.kind !== "ok" || own === undefined) return outcome;
      const judged = [...tips]
        .filter(([other]) => other !== source)
        .map(([other, tip]) => ({ other, tip, verdict: compare(own, tip, behindBlocks) }));
      const against = judged.filter(({ verdict }) => verdict === "other-chain");
      const rival = against.toSorted((a, b) => work(b.tip) - work(a.tip))[0];
      const alike = 1 + judged.length - against.length;
      // The majority is right. With equal numbers the chain with more work is followed.
      const fewer = alike - against.length || (rival === undefined ? 0 : work(own) - work(rival.tip));
      if (rival !== undefined && (fewer < 0 || (fewer === 0 && source > rival.other))) {
        return failure(
          "semantic",
          `it speaks of another chain than ${rival.other}: ${words(own)}, not ${words(rival.tip)}`,
          {
            advice: `is it a testnet, a fork or another coin? ${rival.other} is followed`,
          },
        );
      }
      const ahead = judged.find(({ verdict }) => verdict === "behind");
      if (ahead === undefined) return outcome;
      return failure(
        "stale",
        `its newest block is ${own.height}, ${ahead.tip.height - own.height} before ${ahead.other}'s`,
        {
          advice: "its node stands still or is still catching up: it is used again when it has the newest blocks",
        },
      );
    });
  };
}

function compare(own: Tip, other: Tip, behindBlocks: number): Verdict {
  const apart = Math.abs(own.height - other.height);
  if (apart > HEIGHT_PART * Math.max(own.height, other.height)) return "other-chain";
  if (own.difficulty === undefined || other.difficulty === undefined) return "one-chain";
  const factor = own.difficulty / other.difficulty;
  if (factor > DIFFICULTY_FACTOR || factor < 1 / DIFFICULTY_FACTOR) return "other-chain";
  return other.height - own.height > behindBlocks ? "behind" : "one-chain";
}

/** Work of a source's chain. A source without a list of blocks weighs less than any list. */
function work({ difficulty = 0 }: Tip): number {
  return difficulty;
}

function tipOf(outcome: Extract<FetchOutcome, { kind: "ok" }>): Tip | undefined {
  let tip: Tip | undefined;
  for (const row of outcome.rows) {
    if (row.kind === "block" && row.height > (tip?.height ?? -1))
      tip = { height: row.height, difficulty: row.difficulty };
  }
  return tip ?? (outcome.chainHeight === undefined ? undefined : { height: outcome.chainHeight });
}

function words({ height, difficulty }: Tip): string {
  return difficulty === undefined ? `height ${height}` : `height ${height} and difficulty ${difficulty.toPrecision(3)}`;
}

function failure(errorClass: "semantic" | "stale", detail: string, { advice }: { advice: string }): FetchOutcome {
  return { kind: "error", class: errorClass, detail, advice };
}
