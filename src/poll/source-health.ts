/** Decides from a source's answer whether it is failing. Pure: takes the health before and returns the health after. */
import type { SourceHealth } from "../model/source-health.ts";
import type { FetchOutcome, Observation } from "../sources/contract.ts";
import type { WitnessOutcome } from "../sources/witness/contract.ts";
import type { PollEvent } from "./events.ts";

type Asked = Extract<PollEvent, { type: "asked" }>;

/** Missed polls in a row that are tolerated; the next one is reported. */
const MISSES_TOLD = 1;

interface Miss {
  readonly class: string;
  readonly error: string;
}

/** The health after an answer. */
export function healthAfter(before: SourceHealth | undefined, asked: Asked): SourceHealth {
  const { source, tick } = asked;
  const miss = missOf(asked);
  if (miss === null) {
    const since = before?.state === "ok" ? before.since : tick;
    return { source, state: "ok", since, misses: 0, lastOkAt: tick };
  }
  const misses = (before?.misses ?? 0) + 1;
  const failing = misses > MISSES_TOLD;
  // A failure began with its first miss, not with its report.
  const since = before !== undefined && before.misses > 0 ? before.since : tick;
  return {
    source,
    state: failing ? "failing" : (before?.state ?? "unknown"),
    since: failing || before === undefined ? since : misses === 1 ? tick : before.since,
    misses,
    ...(before?.lastOkAt === undefined ? {} : { lastOkAt: before.lastOkAt }),
    ...miss,
  };
}

/** Why an answer contains nothing usable; null when it does, or says that nothing has changed. */
function missOf({ outcome, rows, skipped }: Asked): Miss | null {
  switch (outcome.kind) {
    case "error":
      return { class: outcome.class, error: outcome.detail };
    case "not-modified":
      return null;
    case "empty":
      return { class: "empty", error: "it answers with nothing in it" };
    case "ok":
      return missOfRows(outcome, rows, skipped);
  }
}

function missOfRows(
  outcome: Extract<FetchOutcome | WitnessOutcome, { kind: "ok" }>,
  taken: number,
  skipped: Readonly<Record<string, number>>,
): Miss | null {
  // Most of the time a witness has nothing to report, and a list of blocks has no new one.
  if (!("rows" in outcome) || outcome.rows.some((row) => row.kind === "block")) return null;
  const zeros = outcome.rows.filter(isZero).length;
  if (taken > zeros) return null;
  if (zeros > 0) return { class: "zero", error: `it says ${zeros === 1 ? "0 H/s" : `0 H/s, ${zeros} times`}` };
  const [reason = "empty"] = ["stale", "unknown", "future"].filter((each) => (skipped[each] ?? 0) > 0);
  return { class: reason, error: WORDS[reason] ?? "it holds no row that can be used" };
}

const WORDS: Readonly<Record<string, string>> = {
  stale: "its figure is too old to be used",
  unknown: "it says that it does not know its hash rate",
  future: "its figure is from the future",
};

function isZero(row: Observation): boolean {
  return row.kind === "rate" && row.hashrate === 0;
}
