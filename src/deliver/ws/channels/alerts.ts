/** The alert log: first the open alerts, then every later event; or every event after a client's cursor. */
import { z } from "zod";
import { DeliveredAlert, SCOPES, SEVERITIES } from "../../../model/alert.ts";
import type { AlertFilter } from "../../filter.ts";
import { cursor, type LogChannel } from "./channel.ts";

const CURSOR = "e1~1641379800000-0";

/** What the protocol's documents show; the tests' alerts are made from it too. */
export const EXAMPLE_ALERT: DeliveredAlert = {
  type: "opened",
  id: "bitcoin-region-20220105T1050Z-1",
  revision: 1,
  network: "bitcoin",
  scope: "region",
  region: "KZ",
  ambiguous: false,
  severity: "critical",
  at: "2022-01-05T10:50:00Z",
  startedAt: "2022-01-05T10:32:00Z",
  startedAtLow: "2022-01-05T10:24:00Z",
  startedAtHigh: "2022-01-05T10:41:00Z",
  lost: { hashrate: 2.1e19, low: 1.7e19, high: 2.5e19, networkShare: 0.12, expectedBlockIntervalSeconds: 682 },
  drop: { estimate: 0.71, low: 0.5, high: 0.95 },
  candidates: [
    { region: "KZ", probability: 0.97 },
    { region: "RU", probability: 0.02 },
  ],
  evidence: [{ pool: "antpool", expected: 2.9e19, observed: 2.56e19, score: 6.1 }],
  cause: { hint: "connectivity", why: "IODA: KZ BGP visibility at 0.42 of its median" },
  detectorVersion: "1",
  configHash: "c0ffee",
  cursor: CURSOR,
  latency: {
    sampledAt: "2022-01-05T10:50:01.000Z",
    detectedAt: "2022-01-05T10:50:01.120Z",
    publishedAt: "2022-01-05T10:50:01.125Z",
  },
};

const Snapshot = z.object({
  type: z.literal("snapshot"),
  channel: z.literal("alerts"),
  alerts: z.array(DeliveredAlert).describe("open alerts that the filter lets through"),
  ended: z
    .array(DeliveredAlert)
    .optional()
    .describe("after a gap: alerts that ended since the place that was given, oldest first; at most 200"),
  cursor,
});

const Alert = z.object({ type: z.literal("alert"), alert: DeliveredAlert });

/** The fields of `subscribe` that make a filter. */
type FilterFields = { readonly [K in keyof AlertFilter]: AlertFilter[K] | undefined };

export const alerts = {
  kind: "log",
  name: "alerts",
  fields: {
    scopes: z.array(z.enum(SCOPES)).min(1).optional().describe("channel alerts only"),
    minSeverity: z.enum(SEVERITIES).optional().describe("channel alerts only"),
    since: cursor.optional().describe("channel alerts only: go on after this place"),
  },
  examples: [{}, { regions: ["KZ", "US"], minSeverity: "warning" }, { since: CURSOR }],
  messages: {
    snapshot: {
      schema: Snapshot,
      summary: "Open alerts at the cursor; alerts after it follow.",
      examples: [
        { type: "snapshot", channel: "alerts", alerts: [], cursor: CURSOR },
        { type: "snapshot", channel: "alerts", alerts: [EXAMPLE_ALERT], cursor: CURSOR },
      ],
    },
    alert: {
      schema: Alert,
      summary: "One event; each (id, revision) once and in order.",
      examples: [{ type: "alert", alert: EXAMPLE_ALERT }],
    },
  },
  filterOf({ networks, regions, scopes, minSeverity }: FilterFields): AlertFilter {
    return {
      ...(networks ? { networks } : {}),
      ...(regions ? { regions } : {}),
      ...(scopes ? { scopes } : {}),
      ...(minSeverity ? { minSeverity } : {}),
    };
  },
  /** The first message to a subscriber: what is open at the cursor, and after a gap what ended in it. */
  snapshot(at: string, open: DeliveredAlert[], ended: readonly DeliveredAlert[] = []): z.input<typeof Snapshot> {
    const gap = ended.length === 0 ? {} : { ended: [...ended] };
    return { type: "snapshot", channel: "alerts", alerts: open, ...gap, cursor: at };
  },
  event(alert: DeliveredAlert): z.input<typeof Alert> {
    return { type: "alert", alert };
  },
} as const satisfies LogChannel & Record<string, unknown>;
