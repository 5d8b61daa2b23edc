/** Asks every source and witness once, politely, and says what was understood. */

import type { NetworkConfig, SourceConfig } from "../../config/resolve/resolved.ts";
import type { Clock } from "../../model/clock.ts";
import { messageOf } from "../../model/errors.ts";
import { formatAge, formatDuration, formatHashrate } from "../../model/format.ts";
import { makeCrossCheck } from "../../poll/cross-check.ts";
import { isUselessZero, toSamples } from "../../poll/to-samples.ts";
import type { SourceDeps } from "../../sources/adapter.ts";
import type { FetchOutcome, Observation, SourceAnswer } from "../../sources/contract.ts";
import { makeSource, SOURCE_TYPES } from "../../sources/registry.ts";
import { makeWitness, WITNESS_TYPES } from "../../sources/witness/registry.ts";
import { describeFacts } from "./describe-fact.ts";
import { adviceFor, type Key } from "./source-advice.ts";

export interface ProbedSource {
  readonly network: string;
  readonly source: string;
  /** `unused`: it answered, and nothing of what it said would be used; `class` says why. */
  readonly outcome: FetchOutcome["kind"] | "unused" | "invalid";
  readonly class?: string;
  /** What came, or what went wrong; one line, secrets cut out. */
  readonly text: string;
  /** What to do about it; empty when nothing. */
  readonly advice: string;
  readonly rows: readonly Observation[];
}

/** More rows than these of one source are summed up. */
const MOST_ROWS_SHOWN = 4;

/** One after another: politeness is per host, and nobody waits for this in a hurry. */
export async function probeSources(
  networks: readonly NetworkConfig[],
  deps: SourceDeps & { readonly clock: Clock; readonly signal: AbortSignal },
  onResult: (result: ProbedSource) => void,
): Promise<readonly ProbedSource[]> {
  const results: ProbedSource[] = [];
  for (const network of networks) {
    const compare = makeComparison(network);
    const asked = [
      ...network.sources.map((config) => ({
        config,
        ask: (own: SourceConfig, how: Probing) => askSource(own, how, compare),
      })),
      ...(network.witnesses ?? []).map((config) => ({ config, ask: askWitness })),
    ];
    for (const { config, ask } of asked) {
      if (deps.signal.aborted) return results;
      const named = { network: network.name, source: config.id };
      let result: ProbedSource;
      try {
        result = { ...named, ...(await ask(config, deps)) };
      } catch (error) {
        result = { ...named, outcome: "invalid", text: messageOf(error), advice: "mend the configuration", rows: [] };
      }
      results.push(result);
      onResult(result);
    }
  }
  return results;
}

type Understood = Omit<ProbedSource, "network" | "source">;
type Probing = SourceDeps & { readonly signal: AbortSignal };

type Compare = (answer: SourceAnswer) => FetchOutcome;

/** Compares an answer with those of the network's sources that were asked before. */
function makeComparison({ model }: NetworkConfig): Compare {
  const crossCheck = makeCrossCheck(model.blockIntervalSeconds);
  const answers: SourceAnswer[] = [];
  return (answer) => {
    answers.push(answer);
    return crossCheck(answers).at(-1) ?? answer.outcome;
  };
}

async function askSource(config: SourceConfig, deps: Probing, compare: Compare): Promise<Understood> {
  const now = deps.clock.now();
  const outcome = compare({
    source: config.id,
    outcome: await makeSource(config, deps).fetch({ signal: deps.signal, now }),
  });
  return understood(outcome, now, SOURCE_TYPES[config.type]?.describe.key ?? "none", config.id);
}

async function askWitness(config: SourceConfig, deps: Probing): Promise<Understood> {
  const now = deps.clock.now();
  const outcome = await makeWitness(config, deps).look({ signal: deps.signal, now });
  if (outcome.kind !== "ok") return understood(outcome, now, WITNESS_TYPES[config.type]?.key ?? "none", config.id);
  const text = describeFacts(outcome.facts, now, MOST_ROWS_SHOWN);
  return { outcome: "ok", text, advice: namesToMap(outcome.unknown ?? []), rows: [] };
}

function namesToMap(names: readonly string[]): string {
  return names.length === 0 ? "" : `the configuration does not say which region these are: ${names.join(", ")}`;
}

/** Judges an answer with the poller's own rules, so that `ok` here is a figure there. */
function understood(outcome: FetchOutcome, now: number, key: Key, sourceId: string): Understood {
  if (outcome.kind === "ok") return understoodRows(outcome, now, sourceId);
  if (outcome.kind === "error") {
    const advice = adviceFor(outcome, key);
    return { outcome: "error", class: outcome.class, text: outcome.detail, advice, rows: [] };
  }
  const text = outcome.kind === "empty" ? "answered, with nothing in it yet" : "not modified since it was last read";
  return {
    outcome: outcome.kind,
    text,
    advice: outcome.kind === "empty" ? "it may be warming up: ask again later" : "",
    rows: [],
  };
}

const UNUSED: Readonly<Record<string, string>> = {
  zero: "a hash rate of 0 is not used: a pool says it before its first computation, or when it cannot compute",
  stale: "a figure that is too old is not used: does the pool still run?",
  future: "a figure from the future is not used: whose clock is wrong?",
  unknown: "it says that it does not know its hash rate: wait; if it stays so, leave it out",
};

function understoodRows(outcome: Extract<FetchOutcome, { kind: "ok" }>, now: number, sourceId: string): Understood {
  const { rows, skipped = {}, unknown = [], notes = [] } = outcome;
  const taken = toSamples(sourceId, rows, { tick: now, now });
  const zeros = taken.samples.filter((sample) => isUselessZero(sample, taken.samples)).length;
  const left = { ...skipped, ...taken.skipped, ...(zeros > 0 ? { zero: zeros } : {}) };
  const why = Object.entries(left).map(([reason, count]) => `${count} x ${reason}`);
  const text = `${describeRows(rows, now)}${why.length > 0 ? `; not used: ${why.join(", ")}` : ""}`;
  const reasons = [...Object.keys(taken.skipped), ...(zeros > 0 ? ["zero"] : [])];
  const advice = [...reasons.map((reason) => UNUSED[reason] ?? ""), namesToMap(unknown), ...notes];
  return {
    outcome: taken.samples.length > zeros ? "ok" : "unused",
    ...(taken.samples.length > zeros ? {} : { class: reasons[0] ?? "unused" }),
    text,
    advice: advice.filter((each) => each !== "").join("; "),
    rows,
  };
}

/** `foundryusa 291 EH/s over 1 h (sliding), 2 min old; ...` */
function describeRows(rows: readonly Observation[], now: number): string {
  const shown = rows.slice(0, MOST_ROWS_SHOWN).map((row) => describeRow(row, now));
  const more = rows.length - shown.length;
  return more > 0 ? `${shown.join("; ")}; and ${more} more rows` : shown.join("; ");
}

function describeRow(row: Observation, now: number): string {
  const age =
    row.observedAt === undefined
      ? "says no time of its own"
      : `${formatAge(now - row.observedAt)} (${row.observedAtBasis})`;
  // A block counts however old it is.
  if (row.kind === "block") return `${row.pool} block ${row.height}, ${age}`;
  const stale = row.observedAt !== undefined && now - row.observedAt > row.staleAfterMs ? ", too old to be used" : "";
  const window =
    row.window.seconds === null ? row.window.kind : `${formatDuration(row.window.seconds * 1000)} (${row.window.kind})`;
  const value = row.hashrate === null ? "says unknown" : formatHashrate(row.hashrate);
  const where = row.region === null ? row.pool : `${row.pool} in ${row.region}`;
  return `${where} ${value} over ${window}, ${age}${stale}`;
}
