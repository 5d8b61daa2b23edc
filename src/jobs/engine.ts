/**
 * The pure core behind a message boundary: a state and rows in, the new state's bytes and findings out. The engine keeps the
 * decoded state of its last run, so that the next tick needs no bytes: reading and decoding them costs more than the tick.
 */
import type { DetectorModel, ExplainBundle, Tick } from "../detect/contract.ts";
import { createDetector } from "../detect/detector.ts";
import type { DetectorState } from "../detect/state/state.ts";
import type { AlertEvent } from "../model/alert.ts";
import { HashfallError } from "../model/errors.ts";
import type { NetworkView } from "../model/view.ts";

export interface EngineRun {
  readonly network: string;
  /** The committed state: its bytes, null at the very first tick, or the commit whose state this engine keeps. */
  readonly base: Uint8Array | null | KeptState;
  /** Identity of the commit that will hold the result; the engine keeps the new state under it. */
  readonly commitId: string;
  /** In order; every one is later than the state's last tick. */
  readonly ticks: readonly Tick[];
}

export interface EngineResult {
  readonly bytes: Uint8Array;
  readonly events: readonly AlertEvent[];
  readonly bundles: readonly ExplainBundle[];
  /** One per tick, oldest first. */
  readonly views: readonly NetworkView[];
  /** Time the core took, ms of real time. */
  readonly tookMs: number;
}

/** A state that the engine still holds, by the identity of the commit that it belongs to. */
export interface KeptState {
  readonly commitId: string;
}

/** Runs ticks through the core. */
export interface Engine {
  /** The commit whose decoded state of the network is kept; undefined when a run must bring the bytes. */
  kept(network: string): string | undefined;
  /**
   * Resolves to `not-kept` when `base` names a state that is no longer held: run again with its bytes. Rejects with
   * `HashfallError` ENGINE_NETWORK for a network it has no model of.
   */
  run(request: EngineRun): Promise<EngineResult | "not-kept">;
  stop(): Promise<void>;
}

/** Most bytes of decoded states that are kept. A state of 500 pools x 50 regions has 6.6 MB encoded and about as much decoded. */
const KEPT_BYTES_LIMIT = 64 * 1024 * 1024;

interface Kept {
  readonly commitId: string;
  readonly state: DetectorState;
  readonly bytes: number;
}

/**
 * Runs the core on the calling thread, giving the event loop a turn between ticks. Production puts it into a thread of
 * its own (`threaded-engine.ts`), because a tick of a large fleet takes tens of milliseconds.
 */
export function makeEngine(models: readonly DetectorModel[]): Engine {
  const detectors = new Map(models.map((model) => [model.network, createDetector(model)]));
  // Least recently used first.
  const states = new Map<string, Kept>();
  const keep = (network: string, kept: Kept): void => {
    states.set(network, kept);
    let total = [...states.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [name, { bytes }] of states) {
      if (total <= KEPT_BYTES_LIMIT) return;
      states.delete(name);
      total -= bytes;
    }
  };
  return {
    kept: (network) => states.get(network)?.commitId,
    async run({ network, base, commitId, ticks }) {
      const detector = detectors.get(network);
      if (detector === undefined) {
        const known = [...detectors.keys()].join(", ");
        throw new HashfallError("ENGINE_NETWORK", `no model of network "${network}"; configured are: ${known}`);
      }
      let tookMs = 0;
      let began = performance.now();
      // A run changes the state in place. So nothing is kept until it is done, or when it fails.
      const kept = states.get(network);
      states.delete(network);
      let state: DetectorState;
      if (base === null) state = detector.initial();
      else if (base instanceof Uint8Array) state = detector.decode(base);
      else if (kept?.commitId === base.commitId) state = kept.state;
      else return "not-kept";
      const events: AlertEvent[] = [];
      const bundles: ExplainBundle[] = [];
      const views: NetworkView[] = [];
      for (const tick of ticks) {
        const result = detector.advance(state, tick);
        state = result.state;
        events.push(...result.events);
        bundles.push(...result.bundles);
        views.push(result.view);
        tookMs += performance.now() - began;
        await new Promise(setImmediate);
        began = performance.now();
      }
      const bytes = detector.encode(state);
      keep(network, { commitId, state, bytes: bytes.length });
      return { bytes, events, bundles, views, tookMs };
    },
    async stop() {},
  };
}
