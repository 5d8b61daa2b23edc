/** One decision: reads the rows since the state's cursor, runs the core, commits everything at once. */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { AlertEvent } from "../model/alert.ts";
import type { Clock } from "../model/clock.ts";
import { HashfallError } from "../model/errors.ts";
import { isoTime } from "../model/tick.ts";
import type { NetworkView } from "../model/view.ts";
import type { SampleStore, StateStore, StoredTick } from "../store/contract.ts";
import { NO_TRACING, type Span, type Tracing, traced } from "../tracing/contract.ts";
import type { Engine } from "./engine.ts";

export interface Decision {
  /** `done`: ticks were committed; `nothing`: they already were; `superseded`: a newer configuration is in force. */
  readonly outcome: "done" | "nothing" | "superseded";
  readonly ticks: number;
  /** Newest view committed here. */
  readonly view?: NetworkView;
}

/** A commit, reported to the metrics and logs of the process that made it, and to no other. */
export interface Committed {
  readonly network: string;
  readonly tick: number;
  readonly ticks: number;
  readonly events: readonly AlertEvent[];
  readonly view: NetworkView;
  readonly tookMs: number;
  /** Real time from the newest row's storage to the commit, ms. */
  readonly latencyMs: number;
}

export interface DecideDeps {
  readonly samples: SampleStore;
  readonly states: StateStore;
  readonly engine: Engine;
  readonly real: Clock;
  readonly logger: Logger;
  /** Off when absent. */
  readonly tracing?: Tracing;
  readonly onCommitted: (committed: Committed) => void;
}

export interface DecideRequest {
  readonly network: string;
  /** Data time, ms. */
  readonly throughTick: number;
  readonly configHash: string;
  readonly generation: number;
  /** Trace of the tick that requested the decision. */
  readonly traceparent?: string | undefined;
}

/** Most ticks in one commit. After a long stop or a back-fill there are hundreds, and a commit must stay a short Lua call. */
const TICKS_PER_COMMIT = 48;
/**
 * Most conflicts in a row. A conflict means that another worker was first, or that a row came meanwhile; reading again
 * resolves both.
 */
const CONFLICTS_ALLOWED = 5;

/**
 * Decides every stored tick of a network up to and including `throughTick`. Running it twice changes nothing: the
 * second run finds the tick committed, or loses the version check and reads again.
 *
 * Throws `HashfallError` DECIDE_CONFLICT (temporary) when the state kept changing under it.
 */
export async function decide(request: DecideRequest, deps: DecideDeps): Promise<Decision> {
  const { network, throughTick, traceparent } = request;
  const attributes = { "hashfall.network": network, "hashfall.tick": isoTime(throughTick) };
  const options = { parent: traceparent, kind: "consumer", attributes } as const;
  return traced(deps.tracing ?? NO_TRACING, "detect", options, async (span) => {
    const decision = await decideWithin(span, request, deps);
    span.set({ "hashfall.outcome": decision.outcome, "hashfall.ticks": decision.ticks });
    return decision;
  });
}

async function decideWithin(within: Span, request: DecideRequest, deps: DecideDeps): Promise<Decision> {
  const { network, throughTick } = request;
  const { tracing = NO_TRACING } = deps;
  const of = { parent: within.traceparent };
  let conflicts = 0;
  let ticksDone = 0;
  let view: NetworkView | undefined;
  for (;;) {
    const { stored, read } = await traced(tracing, "read", of, async () => {
      const state = await deps.states.load(network, deps.engine.kept(network));
      const rows = await deps.samples.readSince(network, state.cursor, throughTick, TICKS_PER_COMMIT);
      return { stored: state, read: rows };
    });
    const ticks = read.ticks.filter((tick) => tick.at > stored.tick);
    const last = ticks.at(-1);
    if (last === undefined) {
      return { outcome: ticksDone > 0 ? "done" : "nothing", ticks: ticksDone, ...(view ? { view } : {}) };
    }
    const commitId = randomUUID();
    const base = stored.bytes === undefined ? { commitId: stored.commitId } : stored.bytes;
    const result = await traced(tracing, "core", of, () => deps.engine.run({ network, base, commitId, ticks }));
    // The engine no longer keeps the state (its thread died, or another run used it), so its bytes are read.
    if (result === "not-kept") continue;
    const detectedAt = deps.real.now();
    const sampledAt = newestStorage(ticks);
    const committed = await traced(tracing, "commit", of, async (span) => {
      const outcome = await deps.states.commit({
        network,
        expectedVersion: stored.version,
        commitId,
        generation: request.generation,
        configHash: request.configHash,
        tick: last.at,
        cursor: read.cursor,
        bytes: result.bytes,
        events: result.events,
        bundles: result.bundles,
        views: result.views,
        sampledAt,
        detectedAt,
        traceparent: span.traceparent,
      });
      span.set({ "hashfall.result": outcome, "hashfall.events": result.events.length });
      return outcome;
    });
    if (committed === "superseded") return { outcome: "superseded", ticks: ticksDone };
    if (committed === "conflict") {
      conflicts++;
      if (conflicts > CONFLICTS_ALLOWED) {
        throw new HashfallError(
          "DECIDE_CONFLICT",
          `${network} ${isoTime(throughTick)}: the state changed ${conflicts} times while it was being decided`,
          { kind: "temporary" },
        );
      }
      continue;
    }
    conflicts = 0;
    ticksDone += ticks.length;
    view = result.views.at(-1);
    if (view !== undefined) {
      deps.onCommitted({
        network,
        tick: last.at,
        ticks: ticks.length,
        events: result.events,
        view,
        tookMs: result.tookMs,
        latencyMs: Math.max(0, deps.real.now() - sampledAt),
      });
    }
    if (!read.more) {
      return { outcome: "done", ticks: ticksDone, ...(view ? { view } : {}) };
    }
  }
}

function newestStorage(ticks: readonly StoredTick[]): number {
  return ticks.reduce((newest, tick) => Math.max(newest, tick.storedAt), 0);
}
