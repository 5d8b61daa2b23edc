/**
 * The WebSocket's messages: one schema for validation, for the AsyncAPI document and for the types of the client. Messages of
 * one channel alone are in its file of `channels/`.
 */
import { z } from "zod";
import { isRegionCode } from "../../model/region.ts";
import { cursor, type MessageDoc, time } from "./channels/channel.ts";
import { CHANNEL_NAMES, CHANNELS } from "./channels/registry.ts";

export const PROTOCOL_VERSION = 1;

/** Longest lists and texts that a subscription may carry. */
const MAX_LIST = 64;
const id = z.union([z.number().int(), z.string().max(64)]).describe("echoed in the answer");
const channel = z.enum(CHANNEL_NAMES);

type Together<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
/** Fields of a subscription that only one channel reads; the others ignore them. */
const channelFields = Object.assign({}, ...CHANNELS.map(({ fields }) => fields)) as Together<
  (typeof CHANNELS)[number]["fields"]
>;

export const Subscribe = z.object({
  op: z.literal("subscribe"),
  id: id.optional(),
  channel,
  networks: z.array(z.string().max(64)).min(1).max(MAX_LIST).optional(),
  regions: z
    .array(z.string().refine(isRegionCode, "an ISO 3166 code like KZ or US-TX, or a declared name in capitals"))
    .min(1)
    .max(MAX_LIST)
    .optional(),
  ...channelFields,
});
export type Subscribe = z.infer<typeof Subscribe>;

export const Unsubscribe = z.object({ op: z.literal("unsubscribe"), id: id.optional(), channel });
export type Unsubscribe = z.infer<typeof Unsubscribe>;
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
  channel,
  recovered: z.boolean().describe("true when every event after since follows; else a snapshot follows"),
  cursor: cursor.optional().describe("channel alerts only"),
});
export const Heartbeat = z.object({ type: z.literal("heartbeat"), at: time.describe("real time"), cursor });
export const Pong = z.object({ type: z.literal("pong"), id: id.optional() });
export const Unsubscribed = z.object({
  type: z.literal("unsubscribed"),
  id: id.optional(),
  channel,
});
export const WsError = z.object({
  type: z.literal("error"),
  id: id.optional(),
  code: z.enum(Object.keys(ERROR_CODES) as [WsErrorCode, ...WsErrorCode[]]),
  message: z.string(),
});

type SchemasOf<C> = C extends { readonly messages: Readonly<Record<string, { readonly schema: infer S }>> } ? S : never;
const channelSchemas = CHANNELS.flatMap(({ messages }) =>
  Object.values<MessageDoc>(messages).map(({ schema }) => schema),
) as SchemasOf<(typeof CHANNELS)[number]>[];

export const ServerMessage = z.discriminatedUnion("type", [
  Hello,
  Subscribed,
  ...channelSchemas,
  Heartbeat,
  Pong,
  Unsubscribed,
  WsError,
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
