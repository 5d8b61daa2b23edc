/** Asks the sources that are due at a tick, all at once under one deadline, and turns their answers into samples. */
import { setMaxListeners } from "node:events";
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import type { Clocks } from "../model/clock.ts";
import { messageOf } from "../model/errors.ts";
import type { Sample } from "../model/sample.ts";
import type { FetchOutcome, Source } from "../sources/contract.ts";
import { makeSleep } from "../sources/http/sleep.ts";
import { NO_TRACING, type Span, type Tracing } from "../tracing/contract.ts";
import type { CrossCheck } from "./cross-check.ts";
import { dueSources } from "./due.ts";
import type { PollEvent } from "./events.ts";
import type { NewBlocks } from "./new-blocks.ts";
import { toSamples } from "./to-samples.ts";
import type { WitnessPoller } from "./witness-poller.ts";

export interface AskDeps {
  readonly network: NetworkConfig;
  readonly sources: readonly Source[];
  readonly clocks: Clocks;
  readonly newBlocks: NewBlocks;
  readonly crossCheck: CrossCheck;
  /** Absent: there are no witnesses. */
  readonly witnessPoller?: WitnessPoller;
  /** 0..1, for jitter; Math.random when absent. */
  readonly random?: () => number;
  /** Off when absent. */
  readonly tracing?: Tracing;
  readonly onEvent: (event: PollEvent) => void;
}

/** Longest deadline, ms. It is also at most half of the interval: the other half is for deciding and delivering. */
const LONGEST_MS = 60_000;
/** Requests are spread over this much data time, ms, because every hashfall polls at the same second of the clock. */
const JITTER_MS = 2_000;

/** Part of the deadline that witnesses are waited for when all sources have answered, and at most so long. Real time. */
const GRACE_PART = 0.25;
const LONGEST_GRACE_MS = 2_000;

/** Deadline where the clock waits for the tick (demo), ms: half of a real interval may be less than a busy machine needs. */
const LONGEST_WAITED_MS = 15_000;

/** Real time that asking all sources of a tick may take. */
export function deadlineMs(intervalMs: number, { speed, waits = false }: Pick<Clocks, "speed" | "waits">): number {
  return waits ? LONGEST_WAITED_MS : halfOf(intervalMs, speed);
}

function halfOf(intervalMs: number, speed: number): number {
  return Math.min(LONGEST_MS, intervalMs / speed / 2);
}

/** Polls the samples of a tick within a span. Never rejects: a source's failure is reported as an event. */
export async function askSources(tick: number, stop: AbortSignal, deps: AskDeps, within?: Span): Promise<Sample[]> {
  const { network, clocks } = deps;
  // Not AbortSignal.any: on Node 20 a long-lived signal keeps memory for every signal derived from it.
  const deadline = new AbortController();
  const cut = () => deadline.abort();
  const timer = setTimeout(cut, deadlineMs(network.intervalMs, clocks));
  stop.addEventListener("abort", cut, { once: true });
  if (stop.aborted) cut();
  // One signal for all sources of the tick, each with a few listeners: many, and bounded.
  setMaxListeners(0, deadline.signal);
  try {
    const witnesses = deps.witnessPoller?.ask(tick, within);
    const due = dueSources(deps.sources, tick, network.intervalMs);
    const answers = await Promise.all(due.map((source) => askOne(source, deadline.signal, deps, within)));
    const outcomes = deps.crossCheck(answers);
    const rows = answers.flatMap((answer, i) =>
      take({ ...answer, outcome: outcomes[i] ?? answer.outcome }, tick, deps),
    );
    if (witnesses !== undefined) await inGrace(witnesses, deadline.signal, deps);
    return [...rows, ...(deps.witnessPoller?.take(tick) ?? [])];
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", cut);
  }
}

/** Waits a moment for the witnesses, so that quick answers belong to the same tick. */
async function inGrace(witnesses: Promise<void>, deadline: AbortSignal, { network, clocks }: AskDeps): Promise<void> {
  const graceMs = Math.min(LONGEST_GRACE_MS, GRACE_PART * halfOf(network.intervalMs, clocks.speed));
  const over = new AbortController();
  const end = () => over.abort();
  deadline.addEventListener("abort", end, { once: true });
  if (deadline.aborted) end();
  await Promise.race([witnesses, makeSleep(clocks)(graceMs * clocks.speed, over.signal)]);
  deadline.removeEventListener("abort", end);
  end();
}

interface TimedAnswer {
  readonly source: string;
  readonly outcome: FetchOutcome;
  /** Data time of the fetch, ms. */
  readonly now: number;
  readonly tookMs: number;
}

async function askOne(source: Source, signal: AbortSignal, deps: AskDeps, within?: Span): Promise<TimedAnswer> {
  const { clocks, random = Math.random, tracing = NO_TRACING } = deps;
  await makeSleep(clocks)(random() * JITTER_MS, signal);
  const now = clocks.data.now();
  const began = performance.now();
  const span = tracing.span(`ask ${source.id}`, {
    parent: within?.traceparent,
    kind: "client",
    attributes: { "hashfall.source": source.id },
  });
  const outcome = await source.fetch({ signal, now }).catch(
    (error: unknown): FetchOutcome => ({
      // A source should never throw. If one does, the rows of the others must not be lost.
      kind: "error",
      class: "semantic",
      detail: `the adapter failed: ${messageOf(error)}`,
    }),
  );
  span.set({
    "hashfall.result": outcome.kind === "error" ? outcome.class : outcome.kind,
    "hashfall.rows": outcome.kind === "ok" ? outcome.rows.length : 0,
  });
  span.end();
  return { source: source.id, outcome, now, tookMs: performance.now() - began };
}

/** Turns an answer that was compared with the others into samples of the tick, and reports it as an event. */
function take({ source, outcome, now, tookMs }: TimedAnswer, tick: number, deps: AskDeps): Sample[] {
  const taken = toSamples(source, outcome.kind === "ok" ? outcome.rows : [], { tick, now });
  const samples = deps.newBlocks(source, taken.samples);
  deps.onEvent({
    type: "asked",
    network: deps.network.name,
    tick,
    source,
    result: outcome.kind === "error" ? outcome.class : outcome.kind,
    outcome,
    rows: samples.length,
    skipped: { ...(outcome.kind === "ok" ? outcome.skipped : {}), ...taken.skipped },
    tookMs,
  });
  return samples;
}
