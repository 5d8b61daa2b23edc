/** Everything that the lifecycle of one tick works on. */
import type { AlertEvent } from "../../model/alert.ts";
import type { ExplainBundle } from "../contract.ts";
import type { Compiled, Layout } from "../network-model.ts";
import type { Banks } from "../search/evaluate.ts";
import type { Scale } from "../statistics/accumulate.ts";
import type { ScaleState } from "../statistics/scale-state.ts";
import type { DetectorState } from "./state.ts";

export interface TickContext {
  readonly compiled: Compiled;
  readonly layout: Layout;
  readonly state: DetectorState;
  readonly at: number;
  readonly events: AlertEvent[];
  readonly bundles: ExplainBundle[];
  /** Makes the bundle of an alert that was fitted at this tick, by the alert's id. */
  readonly evidence: Map<string, (event: AlertEvent) => unknown>;
}

export interface ScaleView {
  readonly name: "fast" | "slow";
  readonly scale: Scale;
  readonly state: ScaleState;
  readonly banks: Banks;
  readonly threshold: number;
}
