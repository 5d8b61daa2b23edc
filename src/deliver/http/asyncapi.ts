/** `/asyncapi.json`: the WebSocket as AsyncAPI 3, from the schemas that validate it. */
import { z } from "zod";
import { CANDIDATE_PROBABILITY } from "../../model/candidates.ts";
import type { MessageDoc } from "../ws/channels/channel.ts";
import { CHANNELS } from "../ws/channels/registry.ts";
import {
  CLOSE,
  ERROR_CODES,
  Heartbeat,
  Hello,
  Ping,
  Pong,
  Subscribe,
  Subscribed,
  Unsubscribe,
  Unsubscribed,
  WsError,
} from "../ws/protocol.ts";
import { MAX_PAYLOAD_BYTES, MESSAGE_LIMIT } from "../ws/socket-server.ts";

const CURSOR = "e1~1641379800000-0";

const CLIENT: Readonly<Record<string, MessageDoc>> = {
  subscribe: {
    schema: Subscribe,
    summary: "Follow a channel; filters left out let everything through. Another one on the channel takes its place.",
    examples: CHANNELS.flatMap(({ name, examples }) =>
      examples.map((example) => ({ op: "subscribe", id: name, channel: name, ...example })),
    ),
  },
  unsubscribe: {
    schema: Unsubscribe,
    summary: "Stop following a channel.",
    examples: [{ op: "unsubscribe", id: 6, channel: "regions" }],
  },
  ping: { schema: Ping, summary: "Answered by a pong.", examples: [{ op: "ping", id: 7 }] },
};

const SERVER: Readonly<Record<string, MessageDoc>> = {
  hello: {
    schema: Hello,
    summary: "The first message of every connection.",
    examples: [{ type: "hello", version: 1, networks: ["bitcoin"], heartbeatSeconds: 15, epoch: "e1" }],
  },
  subscribed: {
    schema: Subscribed,
    summary: "recovered: every event after `since` follows. Otherwise, on channel alerts, a snapshot follows.",
    examples: [{ type: "subscribed", id: 3, channel: "alerts", recovered: true, cursor: CURSOR }],
  },
  ...Object.assign({}, ...CHANNELS.map(({ messages }) => messages)),
  heartbeat: {
    schema: Heartbeat,
    summary: "The cursor moves on even when a filter lets nothing through.",
    examples: [{ type: "heartbeat", at: "2022-01-05T10:50:07.120Z", cursor: CURSOR }],
  },
  pong: { schema: Pong, summary: "The answer to a ping.", examples: [{ type: "pong", id: 7 }] },
  unsubscribed: {
    schema: Unsubscribed,
    summary: "The answer to unsubscribe.",
    examples: [{ type: "unsubscribed", id: 6, channel: "regions" }],
  },
  error: {
    schema: WsError,
    summary: "What was wrong with a message; the connection stays unless the code says otherwise.",
    examples: [{ type: "error", id: 1, code: "bad-request", message: "channel: Invalid option" }],
  },
};

function messages(all: Readonly<Record<string, MessageDoc>>): Record<string, object> {
  const entry = ([name, { schema, summary, examples }]: [string, MessageDoc]): [string, object] => [
    name,
    {
      name,
      summary,
      contentType: "application/json",
      // References would point into the document's root, which is AsyncAPI's and not ours.
      payload: { schemaFormat: "application/schema+json;version=draft-07", schema: payloadSchema(schema) },
      ...(examples.length > 0 ? { examples: examples.map((payload) => ({ payload })) } : {}),
    },
  ];
  return Object.fromEntries(Object.entries(all).map(entry));
}

/** Schemas with an id become `$defs` inside each payload; AsyncAPI resolves references from the document's root. */
function payloadSchema(schema: z.ZodType): object {
  const inlined = z.toJSONSchema(schema, { target: "draft-7", io: "input", reused: "inline" });
  const { definitions, $schema: _, ...rest } = inlined as { definitions?: Record<string, object>; $schema?: string };
  return definitions ? inline(rest, definitions) : rest;
}

function inline(value: object, definitions: Readonly<Record<string, object>>): object {
  const resolve = (_key: string, part: unknown): unknown => {
    const reference = (part as { $ref?: unknown } | null)?.$ref;
    if (typeof reference !== "string") return part;
    const {
      id: _id,
      $id: _$id,
      ...definition
    } = (definitions[reference.split("/").at(-1) ?? ""] ?? {}) as {
      id?: string;
      $id?: string;
    };
    return definition;
  };
  return JSON.parse(JSON.stringify(value, resolve)) as object;
}

const DESCRIPTION = [
  "Alerts, regional estimates and status as they come. JSON text frames.",
  "Keep the cursor of the newest message that has one, and send it as `since` when you come back.",
  "(id, revision) is the idempotency key. A filter is sticky: once an event of an id matched, all later ones come.",
  `An ambiguous alert matches by every candidate of at least ${CANDIDATE_PROBABILITY}. \`US\` also matches \`US-TX\`.`,
  `Limits: ${MAX_PAYLOAD_BYTES} bytes a message, ${MESSAGE_LIMIT.burst} messages at once and ${MESSAGE_LIMIT.perSecond} a second, one subscription a channel.`,
  "A token goes into `Authorization: Bearer TOKEN`, or beside the subprotocol as `hashfall.v1, hashfall.bearer.BASE64URL`.",
].join(" ");

/** @param version of hashfall */
export function asyncApi(version: string): object {
  const refs = (names: string[]) => names.map((name) => ({ $ref: `#/channels/socket/messages/${name}` }));
  return {
    asyncapi: "3.0.0",
    info: { title: "hashfall alerts", version, description: DESCRIPTION },
    defaultContentType: "application/json",
    servers: { local: { host: "127.0.0.1:8080", protocol: "ws" } },
    channels: { socket: { address: "/ws", messages: { ...messages(CLIENT), ...messages(SERVER) } } },
    operations: {
      receive: { action: "receive", channel: { $ref: "#/channels/socket" }, messages: refs(Object.keys(CLIENT)) },
      send: { action: "send", channel: { $ref: "#/channels/socket" }, messages: refs(Object.keys(SERVER)) },
    },
    "x-close-codes": {
      [CLOSE.goingAway]: "going away, or the alert log began a new epoch: come back",
      1002: "protocol error",
      [CLOSE.unsupported]: "a binary frame",
      1007: "not UTF-8",
      1009: "a message over the limit",
      [CLOSE.tooManyConnections]: "too many connections",
      [CLOSE.badMessage]: "a frame that is not a JSON object",
      [CLOSE.badToken]: "no token, or one that is not known",
      [CLOSE.slow]: "over 1 MiB unread, or two pings missed",
      [CLOSE.tooManyMessages]: "too many messages",
    },
    "x-error-codes": ERROR_CODES,
  };
}
