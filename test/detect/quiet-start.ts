/** The quiet beginning that stories share. It takes most of their time, so a detector runs it once for all of them. */
import type { DetectorModel } from "../../src/detect/contract.ts";
import { type Ran, type RunOptions, run } from "./run.ts";
import { HOUR, modelOf, START, type WorldOptions, type WorldTick, world } from "./world.ts";

export interface QuietStart {
  /** Goes on with the ticks after the quiet hours; those before must be the world's own. */
  run(ticks: Iterable<WorldTick>, model?: DetectorModel, options?: Omit<RunOptions, "from">): Ran;
}

/** @param options.hours how long nothing happens; @param options.world as the stories have it, its seed above all */
export function quietStart(options: {
  readonly hours: number;
  readonly world: Omit<WorldOptions, "days">;
}): QuietStart {
  let warm: Uint8Array | undefined;
  const end = START + options.hours * HOUR;
  return {
    run(ticks, model = modelOf(options.world.pools), more = {}) {
      warm ??= run(modelOf(options.world.pools), world({ ...options.world, days: options.hours / 24 })).bytes;
      return run(model, after(ticks, end), { ...more, from: warm });
    },
  };
}

function* after(ticks: Iterable<WorldTick>, from: number): Generator<WorldTick> {
  for (const tick of ticks) if (tick.at > from) yield tick;
}
