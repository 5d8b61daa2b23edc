/** The WebSocket's messages: one schema for validation, for the AsyncAPI document and for the types of the client. */
import { z } from "zod";
import { DeliveredAlert, SCOPES, SEVERITIES } from "../../model/alert.ts";
import { isRegionCode } from "../../model/region.ts";

export const PROTOCOL_VERSION = 1;
export const CHANNELS = ["alerts", "regions", "status"] as const;
export type Channel = (typeof CHANNELS)[number];
export const NETWORK_STATES = ["ok", "warming", "degraded", "blind"] as const;

/** Longest lists and texts that a subscription may carry. */
const MAX_LIST = 64;
const id = z.union([z.number().int(), z.string().max(64)]).describe("echoed in the answer");
const time = z.iso.datetime();
const cursor = z.string().max(128).describe("opaque place in the alert log");

export const Subscribe = z.object({
  op: z.literal("subscribe"),
  id: id.optional(),
  channel: z.enum(CHANNELS),
  networks: z.array(z.string().max(64)).min(1).max(MAX_LIST).optional(),
  regions: z
    .array(z.string().refine(isRegionCode, "an ISO 3166 code like KZ or US-TX, or a declared name in capitals"))
    .min(1)
    .max(MAX_LIST)
    .optional(),
  scopes: z.array(z.enum(SCOPES)).min(1).optional().describe("channel alerts only"),
  minSeverity: z.enum(SEVERITIES).optional().describe("channel alerts only"),
  since: cursor.optional().describe("channel alerts only: go on after this place"),
});
export type Subscribe = z.infer<typeof Subscribe>;

export const Unsubscribe = z.object({ op: z.literal("unsubscribe"), id: id.optional(), channel: z.enum(CHANNELS) });
export const Ping = z.object({ op: z.literal("ping"), id: id.optional() });
export const ClientMessage = z.discriminatedUnion("op", [Subscribe, Unsubscribe, Ping]);
export type ClientMessage = z.infer<typeof ClientMessage>;

export const ERROR_CODES = {
  "bad-json": "not a JSON object in a text frame; the connection is closed with 4400",
  "bad-request": "a field is missing or has a wrong type or value",
  "unknown-op": "op is none of subscribe, unsubscribe, ping",
  "unknown-network": "a network that the configuration does not have",
  "unknown-region": "a region that no network of the filter has; the message says which is nearest",
  "bad-cursor": "since is not a cursor that this server gave",
  "not-subscribed": "nothing to unsubscribe on that channel",
  "bad-token": "the token is not known, or none was given where one is needed; closed with 4401",
  "too-many-messages": "more messages than allowed; closed with 4429",
} as const;
export type WsErrorCode = keyof typeof ERROR_CODES;

/** Close codes of our own; 1001, 1002, 1003, 1007, 1009 and 1013 keep their standard meaning. */
export const CLOSE = {
  goingAway: 1001,
  unsupported: 1003,
  tooManyConnections: 1013,
  badMessage: 4400,
  badToken: 4401,
  slow: 4408,
  tooManyMessages: 4429,
} as const;

export const Hello = z.object({
  type: z.literal("hello"),
  version: z.literal(PROTOCOL_VERSION),
  networks: z.array(z.string()),
  heartbeatSeconds: z.number().positive(),
  epoch: z.string().describe("cursors of another epoch do not continue"),
});
export const Subscribed = z.object({
  type: z.literal("subscribed"),
  id: id.optional(),
  channel: z.enum(CHANNELS),
  recovered: z.boolean().describe("true when every event after since follows; else a snapshot follows"),
  cursor: cursor.optional().describe("channel alerts only"),
});
export const Snapshot = z.object({
  type: z.literal("snapshot"),
  channel: z.literal("alerts"),
  alerts: z.array(DeliveredAlert).describe("open alerts that the filter lets through"),
  ended: z
    .array(DeliveredAlert)
    .optional()
    .describe("after a gap: alerts that ended since the place that was given, oldest first; at most 200"),
  cursor,
});
export const Alert = z.object({ type: z.literal("alert"), alert: DeliveredAlert });
export const RegionFigures = z.object({
  region: z.string(),
  hashrate: z.number().optional().describe("H/s; absent when unknown"),
  expected: z.number().optional().describe("H/s; absent when unknown"),
  drop: z.number().min(0).max(1).optional(),
  score: z.number().optional(),
  rollUp: z
    .literal(true)
    .optional()
    .describe("a country whose subdivisions are the regions: the sum over them, never to be added to them; no score"),
  of: z.array(z.string()).optional().describe("the regions that a roll-up sums"),
});
export const Regions = z.object({
  type: z.literal("regions"),
  network: z.string(),
  at: time.describe("the tick, in data time"),
  regions: z.array(RegionFigures),
});
export const Heartbeat = z.object({ type: z.literal("heartbeat"), at: time.describe("real time"), cursor });
export const Status = z.object({
  type: z.literal("status"),
  network: z.string(),
  state: z.enum(NETWORK_STATES),
  warmAt: time.optional().describe("data time at which detection begins, while warming"),
  why: z.string().optional(),
});
export const Pong = z.object({ type: z.literal("pong"), id: id.optional() });
export const Unsubscribed = z.object({
  type: z.literal("unsubscribed"),
  id: id.optional(),
  channel: z.enum(CHANNELS),
});
export const WsError = z.object({
  type: z.literal("error"),
  id: id.optional(),
  code: z.enum(Object.keys(ERROR_CODES) as [WsErrorCode, ...WsErrorCode[]]),
  message: z.string(),
});

export const ServerMessage = z.discriminatedUnion("type", [
  Hello,
  Subscribed,
  Snapshot,
  Alert,
  Regions,
  Heartbeat,
  Status,
  Pong,
  Unsubscribed,
  WsError,
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
