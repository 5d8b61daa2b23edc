/** Bundles of pool, network and source alerts, and of what did not open: small enough to keep, and recomputable. */
import { z } from "zod";
import { AlertEvent } from "../../model/alert.ts";
import { NotOpened } from "../../model/not-opened.ts";
import { fitRowFall, type RowFall } from "../estimate/row-fall.ts";

/** One row's fall by itself. */
export const PoolBundle = z.object({
  kind: z.literal("pool"),
  event: AlertEvent,
  row: z.object({ pool: z.string(), region: z.string().nullable() }),
  base: z.number().describe("H/s before the fall"),
  reference: z.number().describe("H/s that falls are relative to"),
  fit: z.object({
    stepMs: z.number(),
    at: z.number().describe("newest step, ms"),
    cells: z
      .array(z.object({ at: z.number(), prior: z.number(), progress: z.number(), a: z.number(), b: z.number() }))
      .describe("onsets (ms) and ramps that were weighed, with the row's sums of each"),
    level: z.object({ fall: z.number(), sd: z.number(), developed: z.number() }),
  }),
});
export type PoolBundle = z.infer<typeof PoolBundle>;

/** A network-wide fall: what explained the newest steps, and every pool's level before and now. */
export const NetworkBundle = z.object({
  kind: z.literal("network"),
  event: AlertEvent,
  base: z.number().describe("H/s of the network before the fall"),
  drop: z.object({ estimate: z.number(), low: z.number(), high: z.number() }),
  everything: z.number().describe("log evidence that everything fell together"),
  regions: z.number().describe("log evidence that some region fell"),
  threshold: z.number(),
  margin: z.number(),
});
export type NetworkBundle = z.infer<typeof NetworkBundle>;

/** A source without new figures, or a network whose sources are mostly silent. Times in ms, 0: never. */
export const SourceBundle = z.object({
  kind: z.literal("source"),
  event: AlertEvent,
  rows: z.array(
    z.object({
      pool: z.string(),
      region: z.string().nullable(),
      acceptedAt: z.number(),
      seenAt: z.number(),
      frozen: z.boolean(),
      refusal: z.string().nullable(),
    }),
  ),
});
export type SourceBundle = z.infer<typeof SourceBundle>;

export const NotOpenedBundle = z.object({
  kind: z.literal("not-opened"),
  network: z.string(),
  at: z.number(),
  entries: z.array(NotOpened).describe("newest last"),
});
export type NotOpenedBundle = z.infer<typeof NotOpenedBundle>;

/** Recomputes the fit of a pool's bundle. */
export function recomputePool({ fit }: PoolBundle): RowFall {
  return fitRowFall(fit);
}
