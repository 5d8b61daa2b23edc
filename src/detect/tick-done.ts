/** What the detector says of a tick. */
import type { AlertEvent } from "../model/alert.ts";
import type { NetworkState, NetworkView } from "../model/view.ts";
import type { ExplainBundle, TickResult } from "./contract.ts";
import type { DetectorState } from "./state/state.ts";
import { networkStateOf, type Parts, viewOf } from "./view.ts";

/** The view is made when asked for: a replay asks for none. */
export class TickDone implements TickResult<DetectorState> {
  readonly state: DetectorState;
  readonly events: readonly AlertEvent[];
  readonly bundles: readonly ExplainBundle[];
  readonly rejected: Readonly<Record<string, number>>;
  readonly #parts: Parts;
  #view: NetworkView | undefined;

  constructor(
    parts: Parts,
    events: readonly AlertEvent[],
    bundles: readonly ExplainBundle[],
    rejected: Readonly<Record<string, number>>,
  ) {
    this.state = parts.state;
    this.events = events;
    this.bundles = bundles;
    this.rejected = rejected;
    this.#parts = parts;
  }

  get networkState(): NetworkState {
    return networkStateOf(this.#parts);
  }

  get view(): NetworkView {
    this.#view ??= viewOf(this.#parts, this.rejected);
    return this.#view;
  }
}
