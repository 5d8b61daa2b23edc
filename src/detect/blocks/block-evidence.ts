/** Assembles the block evidence for one model. `contract.ts` says what it does; each step is a file of its own. */

import type { DetectorModel } from "../contract.ts";
import { floatAt } from "../model/elements.ts";
import { decodeMemory, encodeMemory } from "./codec.ts";
import type { BlockEvidence, BlockState } from "./contract.ts";
import { decide, logThreshold } from "./decide.ts";
import { evaluate, type Hypotheses, hypothesesOf, isDue, isWarm } from "./evaluate.ts";
import { end, hold, openFall, recovery } from "./falls.ts";
import { countsOf, fitRegion } from "./fit.ts";
import { newestTime, takeIn } from "./intake.ts";
import { emptyMemory, type Memory } from "./memory.ts";
import { networkOf } from "./network.ts";
import { lossTemplates, type Ratios, ratiosOf, regionTemplates, spanRatios } from "./scores.ts";
import { BLOCK_SETTINGS, type BlockSettings } from "./settings.ts";
import { tally } from "./tally.ts";

/** `settings` are for proofs; the product runs on the defaults. */
export function createBlockEvidence(model: DetectorModel, settings: BlockSettings = BLOCK_SETTINGS): BlockEvidence {
  const network = networkOf(model, settings);
  const slots = network.pools.length + 1;
  // Made at the first use: a network without block rows needs none.
  let made: Hypotheses | undefined;
  const hypotheses = (): Hypotheses => {
    made ??= hypothesesOf(network);
    return made;
  };
  const threshold = logThreshold(network, model.detection.falseAlarmsPerMonth);
  const since = (memory: Memory, onset: number): Ratios =>
    ratiosOf(tally(network, memory, memory.falls, [onset]), settings.outlierPart);

  return {
    regions: network.regions,
    drops: settings.drops,
    threshold,
    initial: () => emptyMemory(slots),
    observe: (state, at, rows) => takeIn(network, own(state), at, rows),
    due: (state, at) => isDue(network, own(state), at),
    evaluate: (state, at) => evaluate(network, hypotheses(), own(state), at),
    decide: (state, evaluation) => decide(network, own(state), threshold, evaluation),
    logRatios: (state, onset, drops) => {
      const memory = own(state);
      const templates = drops ? regionTemplates(network, drops) : hypotheses().regions;
      if (!isWarm(network, memory)) return new Float64Array(templates.hypotheses);
      return spanRatios(since(memory, onset), templates);
    },
    poolLogRatio: (state, onset, pool, loss) => {
      const slot = network.slot(pool);
      if (!isWarm(network, own(state))) return 0;
      return floatAt(spanRatios(since(own(state), onset), lossTemplates(slots, [loss]), [slot]), 0);
    },
    networkLogRatio: (state, onset, loss) => {
      if (!isWarm(network, own(state))) return 0;
      return floatAt(spanRatios(since(own(state), onset), lossTemplates(slots, [loss])), 0);
    },
    counts: (state, onset) => countsOf(network, tally(network, own(state), own(state).falls, [onset]), 0),
    fit: (state, region, onset) => {
      const memory = own(state);
      if (!isWarm(network, memory) || !network.regions.includes(region)) return null;
      const others = memory.falls.filter((fall) => fall !== openFall(memory, region));
      return fitRegion(network, memory, region, others, onset);
    },
    recovery: (state, region) => {
      const memory = own(state);
      const fall = openFall(memory, region);
      if (!fall || !isWarm(network, memory)) return { score: 0, since: newestTime(memory), wasDown: true };
      return recovery(network, memory, fall);
    },
    hold: (state, fall) => hold(own(state), fall),
    end: (state, region, how) => end(network, own(state), region, how),
    held: (state) =>
      own(state)
        .falls.filter((fall) => fall === openFall(own(state), fall.region))
        .map(({ region, drop, since: onset }) => ({ region, drop, since: onset })),
    encode: (state) => encodeMemory(network, own(state)),
    decode: (bytes) => decodeMemory(network, bytes),
  };
}

/** Every `BlockState` was made by `initial` or `decode` here. */
function own(state: BlockState): Memory {
  return state as Memory;
}
