/** Alert events: the stored, deterministic part, and the envelope that delivery adds. Names as in the public contract. */

import { z } from "zod";
import { NAMED_PROBABILITY } from "./candidates.ts";

const time = z.iso.datetime().describe("ISO 8601 UTC");
const fraction = z.number().min(0).max(1);

export const ALERT_TYPES = ["opened", "updated", "resolved"] as const;
export const SCOPES = ["region", "pool", "network", "source"] as const;
export const SEVERITIES = ["info", "warning", "critical"] as const;
export const RESOLUTIONS = ["recovered", "new-regime", "retracted", "reattributed"] as const;
export const CAUSE_HINTS = ["connectivity", "curtailment", "pool-outage", "pool-migration", "unknown"] as const;

export type AlertType = (typeof ALERT_TYPES)[number];
export type Scope = (typeof SCOPES)[number];
export type Severity = (typeof SEVERITIES)[number];
export type Resolution = (typeof RESOLUTIONS)[number];

/** 0 info, 1 warning, 2 critical: for comparisons (`minSeverity`). */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

export const AlertEvent = z
  .object({
    type: z.enum(ALERT_TYPES),
    id: z.string().describe("stable over all revisions; the same on every replica and in a replay"),
    revision: z.number().int().min(1).describe("1 at opening, then one more with every event of the id"),
    network: z.string(),
    scope: z.enum(SCOPES),
    region: z
      .string()
      .nullable()
      .describe(
        `null while no region reaches the probability from which regions are named (${NAMED_PROBABILITY}, or what the configuration says); scope pool: the one region of the pool that fell, null for the whole pool; null in other scopes`,
      ),
    pool: z.string().optional().describe("scope pool only"),
    source: z.string().nullable().optional().describe("scope source only; null when the whole network is blind"),
    verdict: z.enum(["stale", "blind"]).optional().describe("scope source only"),
    ambiguous: z.boolean(),
    severity: z.enum(SEVERITIES),
    at: time.describe("the tick at which this was said; nothing later was used"),
    startedAt: time,
    startedAtLow: time.optional(),
    startedAtHigh: time.optional(),
    lost: z
      .object({
        hashrate: z.number().describe("H/s"),
        low: z.number(),
        high: z.number(),
        networkShare: fraction,
        expectedBlockIntervalSeconds: z.number().positive().optional(),
      })
      .optional()
      .describe("what the data determine; low and high are a 90 % interval"),
    drop: z
      .object({ estimate: fraction, low: fraction, high: fraction })
      .optional()
      .describe("lost share of the region (or pool, or network); carries the uncertainty of the region's share"),
    candidates: z
      .array(
        z.object({
          region: z.string(),
          probability: fraction,
          withoutWitnesses: fraction.describe("what figures alone say; equal where no witness speaks").optional(),
          inWeights: z
            .literal(false)
            .describe("a region that the weights do not have; absent of all others")
            .optional(),
        }),
      )
      .optional(),
    evidence: z
      .array(
        z.object({
          pool: z.string(),
          region: z.string().optional(),
          expected: z.number().describe("H/s, or blocks where `unit` says so"),
          observed: z.number(),
          score: z.number().describe("log-likelihood ratio that this row adds for the alert"),
          unit: z.enum(["H/s", "blocks"]).optional(),
        }),
      )
      .optional(),
    cause: z
      .object({ hint: z.enum(CAUSE_HINTS), why: z.string().describe("the reason in words, with who says so") })
      .optional()
      .describe("what witnesses or the pools themselves suggest; absent while nobody saw anything"),
    context: z
      .object({
        priceUsd: z
          .number()
          .positive()
          .optional()
          .describe("of one coin: the median of some exchanges, at most 15 minutes old; absent when unknown"),
      })
      .optional(),
    endedAt: time.optional(),
    resolution: z.enum(RESOLUTIONS).optional(),
    supersededBy: z.string().optional(),
    detectorVersion: z.string(),
    configHash: z.string(),
  })
  .meta({ id: "AlertEvent" });
export type AlertEvent = z.infer<typeof AlertEvent>;

/** What delivery adds to an event. `cursor` is opaque; `latency` is in real time; `traceparent` is there while traces are on. */
export const DeliveredAlert = AlertEvent.extend({
  cursor: z.string(),
  latency: z
    .object({ sampledAt: time.optional(), detectedAt: time.optional(), publishedAt: time.optional() })
    .optional(),
  traceparent: z.string().describe("W3C trace context of the tick that said it, where traces are on").optional(),
}).meta({ id: "DeliveredAlert" });
export type DeliveredAlert = z.infer<typeof DeliveredAlert>;
