/** A time scale as the lifecycle is handed it. */
import type { Banks } from "../score/judge.ts";
import type { Scale } from "../score/scale.ts";
import type { ScaleState } from "../score/scale-state.ts";

export interface ScaleView {
  readonly name: "fast" | "slow";
  readonly scale: Scale;
  readonly state: ScaleState;
  readonly banks: Banks;
  readonly threshold: number;
}
