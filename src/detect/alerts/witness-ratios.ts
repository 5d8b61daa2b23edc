/** Witnesses in the score of pool figures: per region and onset, what its channels signal around that onset. */

import { parentRegion } from "../../model/region.ts";
import { MINUTE_MS } from "../../model/time-units.ts";
import type { WitnessEvidence } from "../hypotheses/hypothesis.ts";
import { CHANNELS, type Channel, causeShareOf, WITNESS_NATS, witnessRatios } from "../hypotheses/witness-evidence.ts";
import { DROPS } from "../model/grids.ts";
import { falseRateOf, isAround, signalOf } from "../state/signal-rates.ts";
import type { TickContext } from "../state/tick-context.ts";
import { factsOf } from "../state/witness-memory.ts";
import type { ScaleState } from "../statistics/scale-state.ts";

/** A channel that says nothing bad so long after an onset has seen nothing. */
const HEARD_AFTER_MS = 15 * MINUTE_MS;

/** Null where no witness that is evidence was heard, or `detection.witnesses` is `explain`. */
export function witnessEvidenceOf(context: TickContext, scale: ScaleState): WitnessEvidence | null {
  const { compiled, state, layout } = context;
  const { witnesses, cutOffShare } = compiled.model.detection;
  if (witnesses === "explain" || state.signalRates.length === 0) return null;
  const facts = factsOf(state.witnesses).filter((fact) => signalOf(fact) !== null);
  if (facts.length === 0) return null;
  const { regions } = layout.score;
  // Made when a score first asks: most ticks score nothing.
  let known: ReturnType<typeof speakersOf> | undefined;
  const speakersOf = () =>
    regions.map(({ region }) => {
      const country = parentRegion(region) ?? region;
      return state.signalRates.flatMap((rate) => {
        // A grid speaks of its country too: Texas is much of the United States' mining.
        const speaks = rate.region === region || rate.region === country || parentRegion(rate.region) === region;
        if (!speaks || (rate.channel === "connectivity" && parentRegion(rate.region) === region)) return [];
        const own = facts.filter((fact) => fact.kind !== "price" && fact.region === rate.region);
        return [{ rate, facts: own.filter((fact) => signalOf(fact)?.channel === rate.channel) }];
      });
    });
  const made = new Map<number, Float64Array>();
  const of = (slot: number): Float64Array => {
    const done = made.get(slot);
    if (done) return done;
    known ??= speakersOf();
    const onset = scale.slotAt[slot] ?? 0;
    const ratios = new Float64Array(regions.length * DROPS.length);
    known.forEach((channels, index) => {
      for (const { rate, facts: said } of channels) {
        const isSignalled = said.some((fact) => signalOf(fact)?.isSignal === true && isAround(fact, onset));
        const isHeard = said.some(
          (fact) => fact.kind !== "outage" && fact.kind !== "price" && fact.at >= onset + HEARD_AFTER_MS,
        );
        if (!isSignalled && !isHeard) continue;
        addChannel(ratios, index, rate.channel, regions[index]?.region ?? "", falseRateOf(rate), isSignalled);
      }
    });
    for (let k = 0; k < ratios.length; k++) {
      ratios[k] = Math.min(WITNESS_NATS.most, Math.max(WITNESS_NATS.least, ratios[k] ?? 0));
    }
    made.set(slot, ratios);
    return ratios;
  };
  const addChannel = (
    ratios: Float64Array,
    index: number,
    channel: Channel,
    region: string,
    falseRate: number,
    isSignalled: boolean,
  ): void => {
    const causeShare = causeShareOf(channel, region, cutOffShare);
    const added = witnessRatios({ ...CHANNELS[channel], causeShare, falseRate }, isSignalled);
    for (const [d, value] of added.entries()) {
      const k = index * DROPS.length + d;
      ratios[k] = (ratios[k] ?? 0) + value;
    }
  };
  // A witness that is heard and silent raises no score.
  const isSignalled = facts.some((fact) => signalOf(fact)?.isSignal === true);
  return { regions: of, most: isSignalled ? WITNESS_NATS.most : 0 };
}
