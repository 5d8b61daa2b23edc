/** Witnesses as evidence beside pool figures: per region and onset, what its channels signalled around that onset. */
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

/** A channel without a signal this long after an onset has seen nothing, ms. */
const HEARD_AFTER_MS = 15 * MINUTE_MS;

/** One channel of one place that is relevant to a region of the model. */
interface Speaker {
  readonly entries: readonly WitnessEntry[];
  readonly model: Testimony["model"];
}

/** Whether a channel is relevant to a region: same place, its country, or a grid of its country (Texas for the US). */
function speaksOf(rate: SignalRate, region: string): boolean {
  if (rate.region === region || rate.region === parentRegion(region)) return true;
  return rate.channel !== "connectivity" && parentRegion(rate.region) === region;
}

/** Countries with witnesses but without weights. */
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

/** What a channel said around an onset; null while it has not been heard. */
function testimonyOf({ entries, model }: Speaker, onset: number): Testimony | null {
  if (entries.some((entry) => isSignalledAround(entry, onset))) return { model, isSignalled: true };
  const isHeard = entries.some(({ newest }) => "at" in newest && newest.at >= onset + HEARD_AFTER_MS);
  return isHeard ? { model, isSignalled: false } : null;
}

/** Whether a remembered witness signals anything. */
const isSignal = ({ newest, telling }: WitnessEntry): boolean =>
  [newest, telling].some((fact) => signalOf(fact)?.isSignal === true);

/** Evidence of all witnesses. Null where none was heard, or `detection.witnesses` is `explain`. */
export function witnessEvidenceOf(context: TickContext, scale: ScaleState): WitnessEvidence | null {
  const { compiled, state, layout } = context;
  if (compiled.model.detection.witnesses === "explain" || state.signalRates.length === 0) return null;
  if (!state.witnesses.some(({ newest }) => signalOf(newest) !== null)) return null;
  const { regions } = layout.score;
  // Computed at the first use: most ticks score nothing.
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
    // A witness that is heard and silent raises no score, so the upper bound is 0.
    most: state.witnesses.some(isSignal) ? WITNESS_NATS.most : 0,
  };
}
