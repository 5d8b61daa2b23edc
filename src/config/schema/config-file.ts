/** The shape of the configuration file. `config/schema.json` and the table of keys are generated from it. */
import { z } from "zod";
import { messageOf } from "../../model/errors.ts";
import { SecretRef } from "../../sources/secret.ts";
import { parseRedisUrl } from "../../store/redis-url.ts";
import {
  DEFAULT_BACKUP_MEGABYTES,
  DEFAULT_BACKUP_SNAPSHOT_TICKS,
  DEFAULT_DATA_DIR,
  DEFAULT_HEARTBEAT,
  DEFAULT_HOST,
  DEFAULT_KEY_TAG,
  DEFAULT_LOG_LEVEL,
  DEFAULT_MAX_CLIENTS,
  DEFAULT_PORT,
  DEFAULT_RETAIN_ALERTS,
  DEFAULT_RETAIN_ESTIMATES,
  DEFAULT_RETAIN_HOURLY,
  DEFAULT_RETAIN_SAMPLES,
} from "./defaults.ts";
import { detection } from "./detection.ts";
import { duration } from "./fields.ts";
import { heartbeat } from "./heartbeat.ts";
import { bareHost, isHost } from "./host.ts";
import { interval, networkName, poolId, regionCode, regionWeights, relativeSd, weightsReference } from "./network.ts";
import { push } from "./push.ts";
import { networkSource, networkWitness, poolSource } from "./source.ts";
import { webhooks } from "./webhook.ts";

const redis = z
  .strictObject({
    url: z
      .string()
      .superRefine((url, context) => {
        try {
          parseRedisUrl(url);
        } catch (error) {
          context.addIssue({ code: "custom", message: "a Redis URL", params: { said: messageOf(error) } });
        }
      })
      .describe("the Redis to use; absent: an embedded server of its own. The environment's REDIS_URL wins")
      .optional(),
    keyTag: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,32}$/, "up to 32 letters, digits, hyphens and underscores")
      .describe("hash tag of every key; keeps two installations on one Redis apart")
      .default(DEFAULT_KEY_TAG),
    serverBin: z
      .string()
      .min(1)
      .describe("redis-server or valkey-server to embed; absent: REDIS_SERVER_BIN, PATH, cache")
      .optional(),
    fetchServer: z
      .boolean({ error: "true or false" })
      .describe("whether a missing server may be fetched by apt, without root, into the cache")
      .default(true),
  })
  .prefault({});

const server = z
  .strictObject({
    host: z
      .string()
      .refine((host) => isHost(bareHost(host)), "an address or a name, like 127.0.0.1, ::1 or localhost")
      .describe("address to bind")
      .default(DEFAULT_HOST),
    port: z.number().int().min(0).max(65_535).describe("port to bind; 0 takes a free one").default(DEFAULT_PORT),
    tokens: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(/^[A-Za-z0-9._-]{1,64}$/, "up to 64 letters, digits, dots and hyphens")
            .describe("whose token it is, for logs"),
          token: SecretRef,
          scopes: z
            .array(z.enum(["read", "write"]))
            .min(1)
            .describe("what it may do")
            .default(["read"]),
        }),
      )
      .describe("who may ask; none: loopback may do everything, a public bind refuses every write")
      .default([]),
    allowedHosts: z
      .array(z.string().min(1))
      .describe("Host headers that are answered besides loopback names and `host`")
      .default([]),
    allowedOrigins: z
      .array(z.string().regex(/^https?:\/\/[^/\s]+$/, "an origin like https://board.example.org, without a path"))
      .describe("origins that may open the WebSocket besides the page's own")
      .default([]),
    heartbeat: duration({ atLeast: "1s", atMost: "5m" })
      .describe("how often a WebSocket client hears from us")
      .default(DEFAULT_HEARTBEAT),
    maxClients: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .describe("WebSocket clients at once; more get close code 1013")
      .default(DEFAULT_MAX_CLIENTS),
    publicUrl: z
      .string()
      .regex(/^https?:\/\/[^\s?#]+$/, "a URL like https://hashfall.example.org")
      .describe("where people reach the page, for links in messages")
      .optional(),
    push,
  })
  .prefault({});

const retention = z
  .strictObject({
    samples: duration({ atLeast: "1d", atMost: "3650d" }).describe("raw samples").default(DEFAULT_RETAIN_SAMPLES),
    estimates: duration({ atLeast: "1d", atMost: "3650d" })
      .describe("regional estimates of every tick")
      .default(DEFAULT_RETAIN_ESTIMATES),
    hourlyEstimates: duration({ atLeast: "1d", atMost: "3650d" })
      .describe("regional estimates by the hour")
      .default(DEFAULT_RETAIN_HOURLY),
    alerts: duration({ atLeast: "1d", atMost: "3650d" })
      .describe("alerts and their evidence")
      .default(DEFAULT_RETAIN_ALERTS),
    backup: z
      .union([
        z.boolean(),
        z.strictObject({
          folder: z.string().min(1).describe("where it is kept; the folder backup in the data folder").optional(),
          megabytes: z
            .number()
            .int()
            .min(8)
            .max(100_000)
            .describe("of all its files together; the oldest are deleted")
            .default(DEFAULT_BACKUP_MEGABYTES),
          snapshotTicks: z
            .number()
            .int()
            .min(1)
            .max(1_000)
            .describe("ticks from one snapshot of the detector's state to the next")
            .default(DEFAULT_BACKUP_SNAPSHOT_TICKS),
        }),
      ])
      .describe("a backup in files, from which a Redis that lost everything is restored; true: with the defaults")
      .default(false),
  })
  .prefault({});

const logging = z
  .strictObject({
    level: z
      .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
      .describe("the least that is logged")
      .default(DEFAULT_LOG_LEVEL),
  })
  .prefault({});

const pool = z.strictObject({
  window: duration({ atLeast: "10s", atMost: "7d" })
    .describe("averaging window of the pool's figure; may be absent in a replay")
    .optional(),
  operator: z.string().min(1).max(64).describe("who runs it: pools of one operator may fail together").optional(),
  regions: regionWeights.optional(),
  relativeSd,
  source: poolSource.optional(),
});

const network = z.strictObject({
  interval,
  blockInterval: duration({ atLeast: "1s", atMost: "1h" })
    .describe("target time between blocks; known for bitcoin, litecoin, monero, dogecoin and bitcoin-cash")
    .optional(),
  weights: weightsReference,
  regions: z
    .record(regionCode, z.string().min(1).max(200))
    .describe("names of your own for regions that are not ISO 3166 codes, with what they mean")
    .optional(),
  pools: z
    .record(poolId, pool)
    .refine((pools) => Object.keys(pools).length > 0, "at least one pool")
    .describe("the pools whose figures are watched"),
  sources: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "up to 32 lower-case letters, digits and hyphens"),
      networkSource,
    )
    .describe("sources that speak for many pools, by a name of your choice")
    .optional(),
  witnesses: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "up to 32 lower-case letters, digits and hyphens"),
      networkWitness,
    )
    .describe("who confirms and explains alerts (a country's connectivity, a grid, a price), by a name of your choice")
    .optional(),
  detection,
});

export const ConfigFile = z.strictObject({
  networks: z
    .record(networkName, network)
    .refine((networks) => Object.keys(networks).length > 0, "at least one network")
    .describe("the networks that are watched, by name"),
  webPageSources: z
    .boolean({ error: "true or false" })
    .describe(
      "whether to ask the endpoints behind pools' own web pages, which have no published terms (false: one switch turns them all off)",
    )
    .default(true),
  contact: z
    .string()
    .max(200)
    .regex(
      /^(https?:\/\/|mailto:)[\x21-\x27\x2a-\x7e]+$/,
      "a URL like https://example.org/about or mailto:you@example.org",
    )
    .describe("where whoever runs a pool's API can reach you: it goes along with every request, in the User-Agent")
    .optional(),
  redis,
  server,
  webhooks,
  heartbeat: heartbeat.optional(),
  retention,
  logging,
  dataDir: z
    .string()
    .min(1)
    .describe("where the embedded Redis keeps its data; relative to the working directory")
    .default(DEFAULT_DATA_DIR),
});

export type ConfigFile = z.output<typeof ConfigFile>;
export type NetworkFile = ConfigFile["networks"][string];
