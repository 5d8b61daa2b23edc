/** Witnesses in the score of pool figures: per region and onset, what its channels signal around that onset. */
import { OTHER_REGION, parentRegion, regionCovers } from "../../model/region.ts";
import { MINUTE_MS } from "../../model/time-units.ts";
import type { WitnessEvidence } from "../hypotheses/hypothesis.ts";
import { unlistedNats } from "../hypotheses/unlisted-region.ts";
import {
  CHANNELS,
  causeShareOf,
  type Testimony,
  WITNESS_NATS,
  witnessNats,
  witnessRatios,
} from "../hypotheses/witness-evidence.ts";
import { DROPS } from "../model/grids.ts";
import { falseRateOf, type SignalRate, signalOf } from "../state/signal-rates.ts";
import type { TickContext } from "../state/tick-context.ts";
import { isSignalledAround, type WitnessEntry } from "../state/witness-memory.ts";
import type { ScaleState } from "../statistics/scale-state.ts";

/** A channel that says nothing bad so long after an onset has seen nothing. */
const HEARD_AFTER_MS = 15 * MINUTE_MS;

/** One channel of one place, as a region of the model hears it. */
interface Speaker {
  readonly entries: readonly WitnessEntry[];
  readonly model: Testimony["model"];
}

/** Whether a channel's place speaks of a region: its own, its country's, and a grid of its country too (Texas of the US). */
function speaksOf(rate: SignalRate, region: string): boolean {
  if (rate.region === region || rate.region === parentRegion(region)) return true;
  return rate.channel !== "connectivity" && parentRegion(rate.region) === region;
}

/** Countries that are heard and that the weights do not have. */
function unlistedCountries({ state, layout }: TickContext): string[] {
  const isListed = (region: string): boolean =>
    layout.score.regions.some(({ region: each }) => regionCovers(each, region) || regionCovers(region, each));
  const heard = state.signalRates.flatMap(({ channel, region }) => (channel === "connectivity" ? [region] : []));
  return [...new Set(heard)].filter((region) => !isListed(region));
}

function speakersOf({ compiled, state }: TickContext, region: string): Speaker[] {
  const { cutOffShare } = compiled.model.detection;
  return state.signalRates
    .filter((rate) => speaksOf(rate, region))
    .map((rate) => ({
      entries: state.witnesses.filter(
        ({ newest }) =>
          newest.kind !== "price" && newest.region === rate.region && signalOf(newest)?.channel === rate.channel,
      ),
      model: {
        ...CHANNELS[rate.channel],
        causeShare: causeShareOf(rate.channel, region, cutOffShare),
        falseRate: falseRateOf(rate),
      },
    }))
    .filter(({ entries }) => entries.length > 0);
}

/** What a speaker says around an onset; null while it has not been heard. */
function testimonyOf({ entries, model }: Speaker, onset: number): Testimony | null {
  if (entries.some((entry) => isSignalledAround(entry, onset))) return { model, isSignalled: true };
  const isHeard = entries.some(({ newest }) => "at" in newest && newest.at >= onset + HEARD_AFTER_MS);
  return isHeard ? { model, isSignalled: false } : null;
}

/** Whether a witness that is kept in mind signals anything. */
const isSignal = ({ newest, telling }: WitnessEntry): boolean =>
  [newest, telling].some((fact) => signalOf(fact)?.isSignal === true);

/** Null where no witness that is evidence was heard, or `detection.witnesses` is `explain`. */
export function witnessEvidenceOf(context: TickContext, scale: ScaleState): WitnessEvidence | null {
  const { compiled, state, layout } = context;
  if (compiled.model.detection.witnesses === "explain" || state.signalRates.length === 0) return null;
  if (!state.witnesses.some(({ newest }) => signalOf(newest) !== null)) return null;
  const { regions } = layout.score;
  // Made when a score first asks: most ticks score nothing.
  let speakers: readonly Speaker[][] | undefined;
  let unlisted: readonly (readonly [string, Speaker[]])[] | undefined;
  const known = new Map<number, Float64Array>();
  const heardAt = (mine: readonly Speaker[], slot: number): Testimony[] =>
    mine.flatMap((speaker) => testimonyOf(speaker, scale.slotAt[slot] ?? 0) ?? []);
  const unlistedAt = (slot: number): ReadonlyMap<string, number> => {
    unlisted ??= unlistedCountries(context).map((country) => [country, speakersOf(context, country)] as const);
    return new Map(
      unlisted.flatMap(([country, mine]): [string, number][] => {
        const said = heardAt(mine, slot);
        return said.length === 0 ? [] : [[country, Math.max(...said.map(witnessNats))]];
      }),
    );
  };
  return {
    unlisted: unlistedAt,
    regions: (slot) => {
      const done = known.get(slot);
      if (done) return done;
      speakers ??= regions.map(({ region }) => speakersOf(context, region));
      const ratios = new Float64Array(regions.length * DROPS.length);
      for (const [index, mine] of speakers.entries()) {
        const said = heardAt(mine, slot);
        if (said.length > 0) ratios.set(witnessRatios(said), index * DROPS.length);
        if (regions[index]?.region !== OTHER_REGION) continue;
        ratios.fill(unlistedNats([...unlistedAt(slot).values()]), index * DROPS.length, (index + 1) * DROPS.length);
      }
      known.set(slot, ratios);
      return ratios;
    },
    // A witness that is heard and silent raises no score.
    most: state.witnesses.some(isSignal) ? WITNESS_NATS.most : 0,
  };
}
