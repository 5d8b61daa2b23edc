/** The pure core behind a message boundary: bytes and rows in, bytes and findings out. */
import type { DetectorModel, ExplainBundle, Tick } from "../detect/contract.ts";
import { createDetector } from "../detect/detector.ts";
import type { AlertEvent } from "../model/alert.ts";
import { HashfallError } from "../model/errors.ts";
import type { NetworkView } from "../model/view.ts";

export interface EngineRun {
  readonly network: string;
  /** The committed state; null at the very first tick. */
  readonly bytes: Uint8Array | null;
  /** In order, none empty of meaning: every one is later than the state's last tick. */
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

/** Runs ticks through the core. `run` rejects with `HashfallError` ENGINE_NETWORK for a network it has no model of. */
export interface Engine {
  run(request: EngineRun): Promise<EngineResult>;
  stop(): Promise<void>;
}

/**
 * Runs the core on the calling thread, giving the event loop a turn between ticks. Production puts it into a thread of
 * its own (`threaded-engine.ts`), because a tick of a large fleet takes tens of milliseconds.
 */
export function makeEngine(models: readonly DetectorModel[]): Engine {
  const detectors = new Map(models.map((model) => [model.network, createDetector(model)]));
  return {
    async run({ network, bytes, ticks }) {
      const detector = detectors.get(network);
      if (detector === undefined) {
        const known = [...detectors.keys()].join(", ");
        throw new HashfallError("ENGINE_NETWORK", `no model of network "${network}"; configured are: ${known}`);
      }
      let tookMs = 0;
      let began = performance.now();
      let state = bytes === null ? detector.initial() : detector.decode(bytes);
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
      return { bytes: detector.encode(state), events, bundles, views, tookMs };
    },
    async stop() {},
  };
}
