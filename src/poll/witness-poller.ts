/**
 * Asks the witnesses of a network beside its sources. No tick waits for them: a late answer belongs to the next one, and a
 * witness that has not answered yet is not asked again.
 */
import { regionsOf } from "../config/resolve/regions.ts";
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import type { Clocks } from "../model/clock.ts";
import { messageOf } from "../model/errors.ts";
import type { WitnessSample } from "../model/sample.ts";
import { makeSleep } from "../sources/http/sleep.ts";
import type { Witness, WitnessOutcome } from "../sources/witness/contract.ts";
import { NO_TRACING, type Span, type Tracing } from "../tracing/contract.ts";
import { dueSources } from "./due.ts";
import type { PollEvent } from "./events.ts";
import { toFacts } from "./to-facts.ts";

export interface WitnessPollerDeps {
  readonly network: NetworkConfig;
  readonly witnesses: readonly Witness[];
  readonly clocks: Clocks;
  /** 0..1, for jitter; Math.random when absent. */
  readonly random?: () => number;
  /** Off when absent. */
  readonly tracing?: Tracing;
  readonly onEvent: (event: PollEvent) => void;
}

export interface WitnessPoller {
  /** Asks the due witnesses. Resolves when all have answered. Never rejects. */
  ask(tick: number, within?: Span): Promise<void>;
  /** Answers that belong to no tick yet, as rows of this one. */
  take(tick: number): WitnessSample[];
  /** Aborts requests under way, and resolves when they have ended. */
  stop(): Promise<void>;
}

const JITTER_MS = 2_000;
/** Real time after which a witness is given up, whatever its own time limits say. */
const LONGEST_MS = 60_000;

function failed(errorClass: "semantic" | "timeout", why: string): WitnessOutcome {
  return { kind: "error", class: errorClass, detail: `the adapter failed: ${why}` };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export function makeWitnessPoller(deps: WitnessPollerDeps): WitnessPoller {
  const { network, clocks, random = Math.random, tracing = NO_TRACING } = deps;
  const regions = regionsOf(network);
  const sleep = makeSleep(clocks);
  const asking = new Map<string, { readonly cut: AbortController; readonly done: Promise<void> }>();
  /** Rows without a tick yet, by witness: a newer answer replaces an older one. */
  const waiting = new Map<string, readonly WitnessSample[]>();
  let stopped = false;

  async function askOne(witness: Witness, tick: number, signal: AbortSignal, within?: Span): Promise<void> {
    await sleep(random() * JITTER_MS, signal);
    const now = clocks.data.now();
    const began = performance.now();
    const span = tracing.span(`ask ${witness.id}`, {
      parent: within?.traceparent,
      kind: "client",
      attributes: { "hashfall.source": witness.id },
    });
    // A witness should neither throw nor ignore the signal. One that does is only silent.
    const looking = witness.look({ signal, now }).catch((error: unknown) => failed("semantic", messageOf(error)));
    const outcome = await Promise.race([looking, aborted(signal).then(() => failed("timeout", "no answer in time"))]);
    const { rows, skipped } = toFacts(witness.id, outcome.kind === "ok" ? outcome.facts : [], { regions, tick, now });
    if (rows.length > 0) waiting.set(witness.id, rows);
    const result = outcome.kind === "error" ? outcome.class : outcome.kind;
    span.set({ "hashfall.result": result, "hashfall.rows": rows.length });
    span.end();
    deps.onEvent({
      type: "asked",
      network: network.name,
      tick,
      source: witness.id,
      result,
      outcome,
      rows: rows.length,
      skipped,
      tookMs: performance.now() - began,
    });
  }

  function begin(witness: Witness, tick: number, within?: Span): Promise<void> {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), LONGEST_MS);
    const done = askOne(witness, tick, cut.signal, within).finally(() => {
      clearTimeout(timer);
      asking.delete(witness.id);
    });
    asking.set(witness.id, { cut, done });
    return done;
  }

  return {
    async ask(tick, within) {
      if (stopped) return;
      const due = dueSources(deps.witnesses, tick, network.intervalMs).filter(({ id }) => !asking.has(id));
      await Promise.all(due.map((witness) => begin(witness, tick, within)));
    },
    take(tick) {
      const rows = [...waiting.values()].flat().map((row) => ({ ...row, at: tick }));
      waiting.clear();
      return rows;
    },
    async stop() {
      stopped = true;
      const open = [...asking.values()];
      for (const { cut } of open) cut.abort();
      await Promise.all(open.map(({ done }) => done));
    },
  };
}
