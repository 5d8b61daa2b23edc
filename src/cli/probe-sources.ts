/** Asks every source and witness once, politely, and says what was understood. */
import type { NetworkConfig, SourceConfig } from "../config/resolve/resolved.ts";
import type { Clock } from "../model/clock.ts";
import { messageOf } from "../model/errors.ts";
import { formatAge, formatHashrate } from "../model/format.ts";
import type { SourceDeps } from "../sources/adapter.ts";
import type { FetchOutcome, Observation } from "../sources/contract.ts";
import { makeSource, SOURCE_TYPES } from "../sources/registry.ts";
import { makeWitness, WITNESS_TYPES } from "../sources/witness/registry.ts";
import { describeFacts } from "./describe-fact.ts";
import { adviceFor, type Key } from "./source-advice.ts";

export interface ProbedSource {
  readonly network: string;
  readonly source: string;
  readonly outcome: FetchOutcome["kind"] | "invalid";
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
    const asked = [
      ...network.sources.map((config) => ({ config, ask: askSource })),
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

async function askSource(config: SourceConfig, deps: Probing): Promise<Understood> {
  const now = deps.clock.now();
  const outcome = await makeSource(config, deps).fetch({ signal: deps.signal, now });
  return understood(outcome, now, SOURCE_TYPES[config.type]?.describe.key ?? "none");
}

async function askWitness(config: SourceConfig, deps: Probing): Promise<Understood> {
  const now = deps.clock.now();
  const outcome = await makeWitness(config, deps).look({ signal: deps.signal, now });
  if (outcome.kind !== "ok") return understood(outcome, now, WITNESS_TYPES[config.type]?.key ?? "none");
  const text = describeFacts(outcome.facts, now, MOST_ROWS_SHOWN);
  return { outcome: "ok", text, advice: namesToMap(outcome.unknown ?? []), rows: [] };
}

function namesToMap(names: readonly string[]): string {
  return names.length === 0 ? "" : `the configuration does not say which region these are: ${names.join(", ")}`;
}

function understood(outcome: FetchOutcome, now: number, key: Key): Understood {
  if (outcome.kind === "ok") {
    const { rows, skipped = {}, unknown = [] } = outcome;
    const left = Object.entries(skipped).map(([reason, count]) => `${count} x ${reason}`);
    const text = `${describeRows(rows, now)}${left.length > 0 ? `; not used: ${left.join(", ")}` : ""}`;
    return { outcome: "ok", text, advice: namesToMap(unknown), rows };
  }
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
      : `${formatAge(now - row.observedAt)} old (${row.observedAtBasis})`;
  const stale = row.observedAt !== undefined && now - row.observedAt > row.staleAfterMs ? ", too old to be used" : "";
  if (row.kind === "block") return `${row.pool} block ${row.height}, ${age}${stale}`;
  const window =
    row.window.seconds === null ? row.window.kind : `${formatAge(row.window.seconds * 1000)} (${row.window.kind})`;
  const value = row.hashrate === null ? "says unknown" : formatHashrate(row.hashrate);
  const where = row.region === null ? row.pool : `${row.pool} in ${row.region}`;
  return `${where} ${value} over ${window}, ${age}${stale}`;
}
