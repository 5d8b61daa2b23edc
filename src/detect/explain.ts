/**
 * What an alert was computed from, and the same computation again. A bundle holds the sums of every row for the onsets and
 * ramps that mattered, the weights, priors and thresholds; nothing else enters the score, so anybody can check it.
 */
import { z } from "zod";
import { AlertEvent } from "../model/alert.ts";
import { HashfallError } from "../model/errors.ts";
import { candidatesOf } from "./decide/open.ts";
import { fitRegion } from "./estimate/fit.ts";
import { DROPS, type OtherEvidence, type Posterior, posterior, WIDE } from "./score/posterior.ts";
import type { ScoreModel } from "./score/rows.ts";
import type { Screen } from "./score/screen.ts";

const Combo = z.object({
  slot: z.number().int(),
  ramp: z.number().int(),
  t: z.number(),
  a: z.array(z.number()),
  b: z.array(z.number()),
});

export const FiguresBundle = z.object({
  kind: z.literal("figures"),
  event: AlertEvent,
  scale: z.enum(["fast", "slow"]),
  rows: z.array(z.object({ pool: z.string(), region: z.string().nullable() })),
  regions: z.array(
    z.object({ region: z.string(), rows: z.array(z.number()), weight: z.array(z.number()), sd: z.array(z.number()) }),
  ),
  operators: z.array(z.object({ operator: z.string(), rows: z.array(z.number()) })),
  counted: z.array(z.number()),
  reference: z.array(z.number()).describe("H/s that innovations are relative to"),
  base: z.array(z.number()).describe("H/s before the fall"),
  onsets: z.array(z.object({ at: z.number(), weight: z.number() })).describe("slots that are scored"),
  rampSeconds: z.array(z.number()),
  rampPrior: z.array(z.number()),
  best: z.array(z.number().nullable()).describe("matched filter per region; null where there was nothing to see"),
  peak: z.number(),
  combos: z.array(Combo),
  blocks: z
    .array(z.object({ slot: z.number().int(), regions: z.array(z.number()), wide: z.array(z.number()) }))
    .optional()
    .describe("log ratios that block counts added, per onset"),
  prior: z.object({ own: z.number(), wander: z.number(), widePrior: z.number() }),
  threshold: z.number(),
  margin: z.number(),
});
export type FiguresBundle = z.infer<typeof FiguresBundle>;

export const BlocksBundle = z.object({
  kind: z.literal("blocks"),
  event: AlertEvent,
  threshold: z.number(),
  score: z.number().optional(),
  margin: z.number().optional(),
});
export type BlocksBundle = z.infer<typeof BlocksBundle>;

export const Bundle = z.discriminatedUnion("kind", [FiguresBundle, BlocksBundle]);
export type Bundle = z.infer<typeof Bundle>;

/** Reads a bundle as it came over HTTP or from a file: bare, or in its envelope {id, revision, bundle}. */
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

export interface Recomputed {
  readonly posterior: Posterior;
  /** Log odds of "some region" against every other explanation together. */
  readonly logOdds: number;
  readonly candidates: readonly { readonly region: string; readonly probability: number }[];
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

function otherOf(bundle: FiguresBundle): OtherEvidence | null {
  if (!bundle.blocks) return null;
  const bySlot = new Map(bundle.blocks.map((entry) => [entry.slot, entry]));
  const none = { regions: new Float64Array(bundle.regions.length * DROPS.length), wide: new Float64Array(WIDE.length) };
  return {
    regions: (slot) => Float64Array.from(bySlot.get(slot)?.regions ?? none.regions),
    wide: (slot) => Float64Array.from(bySlot.get(slot)?.wide ?? none.wide),
  };
}

/** Scores the bundle's sums again with the functions that score live, and fits its leading region. */
export function recompute(bundle: FiguresBundle): Recomputed {
  const rows = bundle.rows.length;
  const ramps = bundle.rampSeconds.length;
  const model: ScoreModel = {
    rows: bundle.rows,
    regions: bundle.regions.map((entry) => ({
      region: entry.region,
      rows: Int32Array.from(entry.rows),
      weight: Float64Array.from(entry.weight),
      sd: Float64Array.from(entry.sd),
    })),
    operators: bundle.operators.map((entry) => ({ operator: entry.operator, rows: Int32Array.from(entry.rows) })),
    counted: Uint8Array.from(bundle.counted),
  };
  const slots = bundle.onsets.length;
  const sums = { a: new Float64Array(slots * ramps * rows), b: new Float64Array(slots * ramps * rows), slots, ramps };
  const combos = new Float64Array(slots * ramps).fill(Number.NEGATIVE_INFINITY);
  for (const combo of bundle.combos) {
    const index = combo.slot * ramps + combo.ramp;
    combos[index] = combo.t;
    sums.a.set(combo.a, index * rows);
    sums.b.set(combo.b, index * rows);
  }
  const best = Float64Array.from(bundle.best, (value) => value ?? Number.NEGATIVE_INFINITY);
  const screen: Screen = { best, combos, peak: bundle.peak };
  const weights = Float64Array.from(bundle.onsets, (entry) => entry.weight);
  const found = posterior(model, sums, screen, bundle.rampPrior, weights, bundle.prior, "full", otherOf(bundle));
  const candidates = candidatesOf(
    found,
    bundle.regions.map((entry) => entry.region),
  );
  const named = bundle.event.region ?? candidates[0]?.region;
  const lead = found.regions.find((entry) => bundle.regions[entry.index]!.region === named) ?? found.regions[0];
  if (!lead) throw new HashfallError("BUNDLE_UNREADABLE", "this bundle holds no region to score");
  const fit = fitRegion(model, sums, lead, Float64Array.from(bundle.reference), bundle.prior);
  return {
    posterior: found,
    logOdds: found.total - found.rivals,
    candidates,
    drop: fit.drop,
    lost: fit.lost,
    rows: bundle.rows.map((row, k) => ({ ...row, fall: fit.fall[k]!, score: fit.support[k]! })),
  };
}
