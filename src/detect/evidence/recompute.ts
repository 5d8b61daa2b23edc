/**
 * Recomputes an alert from its bundle. A bundle holds the sufficient statistics of every row for the cells that mattered, the
 * weights, priors and thresholds. Nothing else enters the score, so anybody can check it.
 */
import { z } from "zod";
import { AlertEvent } from "../../model/alert.ts";
import { HashfallError } from "../../model/errors.ts";
import { candidatesOf } from "../decide/candidates.ts";
import { fitLevels, scoreLevels } from "../estimate/level-fit.ts";
import { type Fit, fitRegion, weighOnsets } from "../estimate/region-fit.ts";
import type { OtherEvidence, Shortlist, WitnessEvidence } from "../hypotheses/hypothesis.ts";
import { type Posterior, posterior } from "../hypotheses/posterior.ts";
import { WITNESS_NATS } from "../hypotheses/witness-evidence.ts";
import { DROPS, WIDE } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { cellOf, cellOffset } from "../statistics/onset-grid.ts";
import type { RowOutages } from "../statistics/scale-state.ts";
import { NetworkBundle, NotOpenedBundle, PoolBundle, SourceBundle } from "./scope-bundles.ts";

/** What was summed, by place in the model and by cell. */
const Summed = { regions: z.array(z.number().int()), regional: z.array(z.number().int()) };

const Combo = z.object({
  slot: z.number().int(),
  ramp: z.number().int(),
  t: z.number(),
  progress: z.number().optional().describe("part of such a fall that was there at the bundle's time, 0..1"),
  a: z.array(z.number()),
  b: z.array(z.number()),
  outages: z
    .array(z.number())
    .optional()
    .describe("log of each row's own outages near the onset; absent in older bundles"),
});

/** The rows, weights and levels that every bundle of pool figures rests on. */
const Ground = z.object({
  event: AlertEvent,
  scale: z.enum(["fast", "slow"]),
  rows: z.array(z.object({ pool: z.string(), region: z.string().nullable() })),
  regions: z.array(
    z.object({
      region: z.string(),
      rows: z.array(z.number()),
      weight: z.array(z.number()),
      sd: z.array(z.number()),
      covariance: z.array(z.number()).optional().describe("rows x rows, where weights were learned together"),
    }),
  ),
  operators: z.array(z.object({ operator: z.string(), rows: z.array(z.number()) })),
  counted: z.array(z.number()),
  reference: z.array(z.number()).describe("H/s that innovations are relative to"),
  base: z.array(z.number()).describe("H/s before the fall"),
  prior: z.object({ own: z.number(), wander: z.number(), widePrior: z.number() }),
});

const Levels = z.object({
  a: z.array(z.number()),
  b: z.array(z.number()),
  reference: z.array(z.number()).describe("H/s that falls are relative to"),
});

export const FiguresBundle = Ground.extend({
  kind: z.literal("figures"),
  onsets: z.array(z.object({ at: z.number(), weight: z.number() })).describe("slots that are scored"),
  rampSeconds: z.array(z.number()),
  rampPrior: z.array(z.number()),
  regionPrior: z.array(z.number()).optional().describe("sums to 1; alike for all where older bundles have none"),
  /** Log statistic of the finer model of a network-wide fall, as it was computed live. */
  networkFall: z.number().optional(),
  best: z.array(z.number().nullable()).describe("matched filter per region; null where there was nothing to see"),
  peak: z.number(),
  combos: z.array(Combo),
  cut: z
    .boolean()
    .optional()
    .describe("true where only the strongest combinations are kept: computed again, figures come near the alert's"),
  summed: z
    .object({ ...Summed, networkWide: z.array(z.number().int()) })
    .optional()
    .describe(
      "regions that were scored, and at which slot x ramps + ramp they and a fall of everything were, best first",
    ),
  look: z
    .object({ ...Summed, wide: z.array(z.number().int()) })
    .optional()
    .describe("the same under the names that it had before"),
  blocks: z
    .array(z.object({ slot: z.number().int(), regions: z.array(z.number()), wide: z.array(z.number()) }))
    .optional()
    .describe("log ratios that block counts added, per onset"),
  witnesses: z
    .array(
      z.object({
        slot: z.number().int(),
        regions: z.array(z.number()),
        unlisted: z.record(z.string(), z.number()).optional().describe("nats per country that the weights do not have"),
      }),
    )
    .optional()
    .describe("nats that witnesses added, per onset: regions x drops, drops fastest"),
  levels: Levels.optional().describe("levels that the size was fitted to, once windows showed the fall"),
  threshold: z.number(),
  margin: z.number(),
});
export type FiguresBundle = z.infer<typeof FiguresBundle>;

/** The bundle of an update that came from levels alone: nothing was scored again. */
export const LevelsBundle = Ground.extend({ kind: z.literal("levels"), levels: Levels });
export type LevelsBundle = z.infer<typeof LevelsBundle>;

export const BlocksBundle = z.object({
  kind: z.literal("blocks"),
  event: AlertEvent,
  threshold: z.number(),
  score: z.number().optional(),
  margin: z.number().optional(),
});
export type BlocksBundle = z.infer<typeof BlocksBundle>;

export const Bundle = z.discriminatedUnion("kind", [
  FiguresBundle,
  LevelsBundle,
  BlocksBundle,
  PoolBundle,
  NetworkBundle,
  SourceBundle,
  NotOpenedBundle,
]);
export type Bundle = z.infer<typeof Bundle>;

/** Reads a bundle from HTTP or a file: bare, or in its envelope {id, revision, bundle}. */
export function readBundle(value: unknown): Bundle {
  const inner =
    typeof value === "object" && value !== null && "bundle" in value ? (value as { bundle: unknown }).bundle : value;
  const parsed = Bundle.safeParse(inner);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HashfallError(
    "BUNDLE_UNREADABLE",
    `this is no evidence bundle: ${issue ? `${issue.path.join(".") || "top level"}: ${issue.message}` : "unknown shape"}`,
  );
}

/** Recomputed sizes. */
export interface RecomputedSizes {
  readonly drop: { readonly estimate: number; readonly low: number; readonly high: number };
  readonly lost: number;
  /** Per row: fitted fall, share of the row, and its log-likelihood ratio. */
  readonly rows: readonly {
    readonly pool: string;
    readonly region: string | null;
    readonly fall: number;
    readonly score: number;
  }[];
}

export interface Recomputed extends RecomputedSizes {
  readonly posterior: Posterior;
  /** Log odds of "some region" against every other explanation together. */
  readonly logOdds: number;
  readonly candidates: readonly {
    readonly region: string;
    readonly probability: number;
    /** Probability from figures alone; absent where no witness was heard. */
    readonly withoutWitnesses?: number;
  }[];
}

function modelOf(bundle: FiguresBundle | LevelsBundle): ScoreModel {
  return {
    rows: bundle.rows,
    regions: bundle.regions.map((entry) => ({
      region: entry.region,
      rows: Int32Array.from(entry.rows),
      weight: Float64Array.from(entry.weight),
      sd: Float64Array.from(entry.sd),
      ...(entry.covariance ? { covariance: Float64Array.from(entry.covariance) } : {}),
    })),
    operators: bundle.operators.map((entry) => ({ operator: entry.operator, rows: Int32Array.from(entry.rows) })),
    counted: Uint8Array.from(bundle.counted),
  };
}

function sizesOf(bundle: FiguresBundle | LevelsBundle, fit: Fit): RecomputedSizes {
  return {
    drop: fit.drop,
    lost: fit.lost,
    rows: bundle.rows.map((row, k) => ({ ...row, fall: fit.fall[k]!, score: fit.support[k]! })),
  };
}

/** Fits the region at `index` to the levels again. */
function fitAgain(bundle: FiguresBundle | LevelsBundle, levels: z.infer<typeof Levels>, index: number): Fit {
  const model = modelOf(bundle);
  const statistics = { a: Float64Array.from(levels.a), b: Float64Array.from(levels.b) };
  const { prior } = bundle;
  const scored = scoreLevels(model, statistics, prior);
  return fitLevels({ model, statistics, scored, reference: Float64Array.from(levels.reference), prior }, index);
}

/** Fits the levels of the event's region again; of the likeliest candidate while none is named. */
export function recomputeLevels(bundle: LevelsBundle): RecomputedSizes {
  const named = bundle.event.region ?? bundle.event.candidates?.[0]?.region;
  const index = bundle.regions.findIndex((entry) => entry.region === named);
  if (index < 0) throw new HashfallError("BUNDLE_UNREADABLE", `this bundle has no weights of ${named ?? "any region"}`);
  return sizesOf(bundle, fitAgain(bundle, bundle.levels, index));
}

function otherOf(bundle: FiguresBundle): OtherEvidence | null {
  if (!bundle.blocks) return null;
  const bySlot = new Map(bundle.blocks.map((entry) => [entry.slot, entry]));
  const none = { regions: new Float64Array(bundle.regions.length * DROPS.length), wide: new Float64Array(WIDE.length) };
  return {
    regions: (slot) => Float64Array.from(bySlot.get(slot)?.regions ?? none.regions),
    wide: (slot) => Float64Array.from(bySlot.get(slot)?.wide ?? none.wide),
  };
}

function witnessesOf(bundle: FiguresBundle): WitnessEvidence | null {
  if (!bundle.witnesses) return null;
  const bySlot = new Map(bundle.witnesses.map((entry) => [entry.slot, entry]));
  const none = new Float64Array(bundle.regions.length * DROPS.length);
  return {
    regions: (slot) => Float64Array.from(bySlot.get(slot)?.regions ?? none),
    unlisted: (slot) => new Map(Object.entries(bySlot.get(slot)?.unlisted ?? {})),
    most: WITNESS_NATS.most,
  };
}

/** The summed cells. Older bundles have one list of onsets and ramps, ordered by their matched filters. */
function shortlistOf(bundle: FiguresBundle): Shortlist {
  if (bundle.summed) return bundle.summed;
  if (bundle.look) {
    const { wide, ...others } = bundle.look;
    return { ...others, networkWide: wide };
  }
  const ramps = bundle.rampSeconds.length;
  const cells = [...bundle.combos].sort((x, y) => y.t - x.t).map(({ slot, ramp }) => cellOf(slot, ramp, ramps));
  return { regions: [...bundle.regions.keys()], regional: cells, networkWide: cells };
}

/** Part of a fall that had happened at the bundle's time, by its cell; all of it in older bundles, which do not say. */
function progressIn({ combos, rampSeconds }: FiguresBundle): (cell: number) => number {
  const known = new Map(combos.map(({ slot, ramp, progress }) => [cellOf(slot, ramp, rampSeconds.length), progress]));
  return (cell) => known.get(cell) ?? 1;
}

/** The rows' own outages, which are alike at every cell; null in bundles of before, which did not say. */
function outagesOf({ combos }: FiguresBundle): RowOutages | null {
  const said = combos.find(({ outages }) => outages !== undefined)?.outages;
  if (said === undefined) return null;
  const logs = Float64Array.from(said);
  return { logAt: () => logs };
}

/** Scores the bundle's statistics again with the functions that score live, and fits its leading region. */
export function recompute(bundle: FiguresBundle): Recomputed {
  const rows = bundle.rows.length;
  const ramps = bundle.rampSeconds.length;
  const model = modelOf(bundle);
  const slots = bundle.onsets.length;
  const numbers = cellOffset(cellOf(slots, 0, ramps), rows);
  const outages = outagesOf(bundle);
  const sums = { a: new Float64Array(numbers), b: new Float64Array(numbers), slots, ramps };
  const statistics = outages === null ? sums : { ...sums, outages };
  for (const combo of bundle.combos) {
    const index = cellOf(combo.slot, combo.ramp, ramps);
    statistics.a.set(combo.a, cellOffset(index, rows));
    statistics.b.set(combo.b, cellOffset(index, rows));
  }
  const regions = bundle.regions.length;
  const priors = {
    region: Float64Array.from(bundle.regionPrior ?? new Array<number>(regions).fill(1 / regions)),
    ramp: bundle.rampPrior,
    onsetSteps: Float64Array.from(bundle.onsets, (entry) => entry.weight),
    row: bundle.prior,
    ...(bundle.networkFall === undefined ? {} : { networkFall: bundle.networkFall }),
  };
  const input = { model, statistics, priors, shortlist: shortlistOf(bundle) };
  const found = posterior({ ...input, other: otherOf(bundle), witnesses: witnessesOf(bundle) });
  const candidates = candidatesOf(
    found,
    bundle.regions.map((entry) => entry.region),
  );
  const named = bundle.event.region ?? candidates[0]?.region;
  const lead = found.regions.find((entry) => bundle.regions[entry.index]!.region === named) ?? found.regions[0];
  if (!lead) throw new HashfallError("BUNDLE_UNREADABLE", "this bundle holds no region to score");
  const fit = bundle.levels
    ? fitAgain(bundle, bundle.levels, lead.index)
    : fitRegion(
        model,
        statistics,
        weighOnsets(model, statistics, lead),
        Float64Array.from(bundle.reference),
        bundle.prior,
        progressIn(bundle),
      );
  return { posterior: found, logOdds: found.total - found.rivals, candidates, ...sizesOf(bundle, fit) };
}
