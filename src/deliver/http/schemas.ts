/** Bodies of the REST answers. Unknown is absent; times are ISO 8601 UTC, hash rates H/s. */
import { z } from "zod";
import { ACK_VERDICTS } from "../../model/ack.ts";
import { DeliveredAlert, SCOPES } from "../../model/alert.ts";
import { cleanText } from "../../model/clean-text.ts";
import { NotOpened } from "../../model/not-opened.ts";
import { isRegionCode } from "../../model/region.ts";
import { NETWORK_STATES } from "../../model/view.ts";
import { RegionFigures } from "../ws/channels/regions.ts";

const time = z.iso.datetime();

/** `{"items": [...], "next": cursor or null}` */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable().describe("null on the last page") });
}

export const NetworkItem = z
  .object({
    network: z.string(),
    intervalSeconds: z.number(),
    state: z.enum(NETWORK_STATES),
    why: z.string().optional(),
    at: time.optional().describe("the newest decided tick, in data time"),
    warmAt: time.optional(),
    hashrate: z.number().optional(),
    now: time.describe("data time now"),
    speed: z.number().describe("data seconds per second; 1 outside a demo"),
  })
  .meta({ id: "Network" });

export const RegionItem = RegionFigures.extend({
  network: z.string(),
  at: time.optional(),
  pools: z.array(z.object({ pool: z.string(), weight: z.number(), sd: z.number() })).describe("who mines there"),
}).meta({ id: "Region" });

export const PoolItem = z
  .object({
    network: z.string(),
    pool: z.string(),
    state: z.enum(["ok", "warming", "stale", "missing", "rejected"]),
    hashrate: z.number().optional(),
    expected: z.number().optional(),
    residual: z.number().optional().describe("standardised innovation of the newest figure"),
    sampledAt: time.optional(),
    warmAt: time.optional(),
    windowSeconds: z.number().optional(),
    regions: z.array(z.object({ region: z.string(), weight: z.number(), sd: z.number() })),
  })
  .meta({ id: "Pool" });

export const SourceItem = z
  .object({
    network: z.string(),
    source: z.string(),
    kind: z.enum(["source", "push", "witness"]).describe("asked for figures, sends them itself, or explains them"),
    type: z.string(),
    intervalSeconds: z.number().nullable().describe("how often it is asked; null: it is not, it sends"),
    pools: z.array(z.string()),
    region: z.string().nullable().describe("the one region that it speaks of; null: whole pools, or several regions"),
    regions: z.array(z.string()).describe("every region that its rows may name"),
    verdict: z
      .enum(["ok", "stale", "failing", "blind", "unknown"])
      .describe("failing: two polls in a row brought nothing that can be used; `health` says why"),
    health: z
      .object({
        state: z.enum(["ok", "failing", "unknown"]),
        since: time.describe("when the present state began: of a failure its first miss"),
        misses: z.number().int().describe("polls in a row without anything that can be used"),
        lastOkAt: time.optional(),
        class: z.string().optional().describe("of the newest failure, like http, rate-limited or zero"),
        error: z.string().optional().describe("the newest failure in the upstream's own words, escaped"),
      })
      .optional()
      .describe("what the poller sees; absent for senders, and until the first poll"),
  })
  .meta({ id: "Source" });

export const Ack = z.object({
  by: z.string(),
  note: z.string(),
  at: time,
  verdict: z
    .enum(ACK_VERDICTS)
    .optional()
    .describe(
      "right: it named what fell; wrong: nothing fell; other: another region did; none: what was said before is taken back",
    ),
  region: z.string().optional().describe("the region that fell, with the verdict other"),
});
export const AlertItem = DeliveredAlert.extend({
  state: z.enum(["open", "resolved"]),
  ack: Ack.optional().describe("the newest acknowledgement"),
  acks: z.array(Ack).optional().describe("all of them, oldest first"),
}).meta({ id: "Alert" });
export const AlertDetail = AlertItem.extend({
  events: z.array(DeliveredAlert).describe("everything that was said about it, oldest first"),
}).meta({ id: "AlertDetail" });
export const Explanation = z
  .object({ id: z.string(), revision: z.number().int(), bundle: z.unknown().describe("what the figures came from") })
  .meta({ id: "Explanation" });

export const NotOpenedItem = NotOpened.extend({
  network: z.string(),
  firstAt: time,
  lastAt: time,
  why: z.string().describe("the reason in words"),
}).meta({ id: "NotOpened" });

const share = z.object({ weight: z.number(), sd: z.number() });
export const WeightsItem = z
  .object({
    network: z.string(),
    learning: z.boolean().describe("whether labelled falls teach the weights: detection.learnWeights"),
    revision: z.number().int().describe("counts every change of what was learned; 0: nothing ever was"),
    labels: z.array(
      z.object({
        alert: z.string(),
        region: z.string().nullable().describe("what fell; null: nothing did"),
        by: z.enum(["person", "witness"]),
        startedAt: time,
      }),
    ),
    weights: z.array(
      z.object({
        pool: z.string(),
        region: z.string(),
        configured: share,
        learned: share.optional().describe("as the score takes it; absent where nothing was learned"),
        asOf: z.string().optional(),
        source: z.string().optional(),
      }),
    ),
  })
  .meta({ id: "Weights" });

export const HistoryItem = z
  .object({
    at: time,
    hashrate: z.number().optional(),
    expected: z.number().optional(),
    drop: z.number().optional(),
  })
  .meta({ id: "HistoryPoint" });

export const SilenceItem = z
  .object({
    id: z.string(),
    network: z.string().optional(),
    region: z.string().optional(),
    pool: z.string().optional(),
    startsAt: time,
    endsAt: time,
    by: z.string(),
    note: z.string(),
  })
  .meta({ id: "Silence" });

export const DeadLetterItem = z
  .object({
    id: z.string(),
    webhook: z.string(),
    alertId: z.string(),
    revision: z.number().int(),
    failedAt: time,
    attempts: z.number().int(),
    reason: z.string(),
  })
  .meta({ id: "DeadLetter" });

/** Query parameters that several lists take. */
export const networkQuery = z.string().max(64).optional().describe("default: every network");
export const regionQuery = z
  .string()
  .refine(isRegionCode, "a region like KZ or US-TX")
  .optional()
  .describe("US also covers US-TX");
export const scopeQuery = z.enum(SCOPES).optional();

/** No block is older, and nobody plans further ahead. */
const FIRST_TIME = Date.parse("2009-01-01T00:00:00Z");
const LAST_TIME = Date.parse("2100-01-01T00:00:00Z");

export const timeQuery = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= FIRST_TIME && Date.parse(text) < LAST_TIME, "a time from 2009 to 2099");

/** A line of text from outside, cleaned of control characters as it comes in. */
export function line(most: number) {
  return z.string().max(most).transform(cleanText);
}
