/** Runs ticks through a detector and keeps what it said. */
import type { Detector, DetectorModel, ExplainBundle } from "../../src/detect/contract.ts";
import { createDetector } from "../../src/detect/detector.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { notOpenedId } from "../../src/model/not-opened.ts";
import type { Sample } from "../../src/model/sample.ts";
import type { NetworkView } from "../../src/model/view.ts";

export interface Ran {
  readonly events: AlertEvent[];
  /** Of alerts. */
  readonly bundles: ExplainBundle[];
  /** Of what did not open. */
  readonly heldBack: ExplainBundle[];
  readonly views: NetworkView[];
  readonly bytes: Uint8Array;
}

export interface RunOptions {
  /** Encodes and decodes the state after every tick, as a live worker does. */
  readonly throughBytes?: boolean;
  /** The encoded state to go on from; without it the detector knows nothing yet. */
  readonly from?: Uint8Array;
}

export function run(
  model: DetectorModel,
  ticks: Iterable<{ readonly at: number; readonly rows: readonly Sample[] }>,
  options: RunOptions = {},
): Ran {
  const detector = createDetector(model) as unknown as Detector<unknown>;
  let state = options.from ? detector.decode(options.from) : detector.initial();
  const events: AlertEvent[] = [];
  const bundles: ExplainBundle[] = [];
  const heldBack: ExplainBundle[] = [];
  const views: NetworkView[] = [];
  for (const tick of ticks) {
    const done = detector.advance(state, tick);
    state = options.throughBytes ? detector.decode(detector.encode(done.state)) : done.state;
    events.push(...done.events);
    for (const each of done.bundles) (each.id === notOpenedId(model.network) ? heldBack : bundles).push(each);
    views.push(done.view);
  }
  return { events, bundles, heldBack, views, bytes: detector.encode(state) };
}

export const regional = (events: readonly AlertEvent[]): AlertEvent[] =>
  events.filter((event) => event.scope === "region");
export const opened = (events: readonly AlertEvent[]): AlertEvent[] =>
  regional(events).filter((event) => event.type === "opened");
