/** Connections to Redis, one set of options for each use. Whoever connects closes. */
import { setTimeout as delay } from "node:timers/promises";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import { parseRedisUrl, type RedisTarget } from "./redis-url.ts";

export type RedisClient = Redis | Cluster;

/**
 * What a connection is for:
 * - `command`: the store. A command that gets no answer within 5 s is an error; the caller tries again or reports it.
 * - `queue`: BullMQ's producers. Fails fast while Redis is away.
 * - `worker`: BullMQ's workers, which require that a command waits without a limit.
 * - `follow`: XREAD BLOCK of the alert log. Nothing is resent: the follower looks where it stands after each reconnect.
 *
 * A NAT or a firewall may forget a connection without closing it. So every connection has a deadline: when a command is
 * pending and the socket receives nothing for that long, the socket is destroyed and a new one is opened.
 */
export type ConnectionUse = "command" | "queue" | "worker" | "follow";

const COMMAND_TIMEOUT_MS = 5_000;
/** Deadline of a silent connection, ms: longer than a command may take, so that a slow command fails before its connection. */
export const COMMAND_SILENCE_MS = COMMAND_TIMEOUT_MS + 1_000;
/** The same for blocking connections, ms: BullMQ blocks at most 10 s, the log's follower 5 s. */
export const BLOCKING_SILENCE_MS = 12_000;
/** The kernel probes an idle connection after this time, which also keeps a NAT's entry alive. */
const KEEP_ALIVE_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Wait before a reconnection, ms: doubling from 50 ms to 2 s, with jitter so that replicas do not reconnect in step. */
function retryDelay(attempt: number): number {
  return Math.min(2_000, 50 * 2 ** Math.min(attempt - 1, 10)) + Math.floor(Math.random() * 100);
}

const OPTIONS = {
  command: { maxRetriesPerRequest: 2, commandTimeout: COMMAND_TIMEOUT_MS, socketTimeout: COMMAND_SILENCE_MS },
  queue: { maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS, socketTimeout: COMMAND_SILENCE_MS },
  worker: { maxRetriesPerRequest: null, socketTimeout: BLOCKING_SILENCE_MS },
  // Not autoResendUnfulfilledCommands: with that off, ioredis 6 neither resends nor rejects a command whose connection broke.
  follow: { maxRetriesPerRequest: 0, socketTimeout: BLOCKING_SILENCE_MS },
} as const satisfies Record<ConnectionUse, RedisOptions>;

/** Options of a use, without the address. */
function optionsFor(use: ConnectionUse) {
  return {
    ...OPTIONS[use],
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_MS,
    connectionName: `hashfall-${use}`,
    retryStrategy: retryDelay,
    // After a failover an old master still listens and refuses writes: reconnect to find the new one.
    reconnectOnError: (error: Error) => (error.message.includes("READONLY") ? (2 as const) : (false as const)),
  } satisfies RedisOptions;
}

function open(target: RedisTarget, use: ConnectionUse): RedisClient {
  const options = {
    ...optionsFor(use),
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: {} } : {}),
  } satisfies RedisOptions;
  switch (target.kind) {
    case "socket":
      return new Redis(target.path, { ...options, db: target.db });
    case "standalone":
      return new Redis({ ...options, host: target.host, port: target.port, db: target.db });
    case "sentinel": {
      const sentinels = target.sentinels.map(({ host, port }) => ({ host, port }));
      const tls = target.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {};
      // A failover is also noticed by a message of the sentinels, not only by a broken connection.
      return new Redis({
        ...options,
        ...tls,
        sentinels,
        name: target.name,
        db: target.db,
        failoverDetector: true,
        sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
      });
    }
    case "cluster": {
      const { retryStrategy, ...redisOptions } = options;
      const nodes = target.nodes.map(({ host, port }) => ({ host, port }));
      return new Cluster(nodes, { redisOptions, clusterRetryStrategy: retryStrategy, retryDelayOnMoved: 50 });
    }
  }
}

export interface Connections {
  /** A new connection. Its first error is logged at warn level, later ones at debug level until it is back. */
  open(use: ConnectionUse): RedisClient;
  /** Closes whatever is still open. */
  close(): Promise<void>;
}

/**
 * Connections to one Redis.
 * @param url see `parseRedisUrl`; throws `HashfallError` REDIS_URL_INVALID
 */
export function makeConnections(options: { readonly url: string }, deps: { readonly logger: Logger }): Connections {
  const target = parseRedisUrl(options.url);
  const clients = new Set<RedisClient>();
  return {
    open(use) {
      const client = open(target, use);
      let reported = false;
      // Without a listener an error of a connection would end the process.
      client.on("error", (error: Error) => {
        deps.logger[reported ? "debug" : "warn"]({ use, why: error.message }, "Redis does not answer; trying again");
        reported = true;
      });
      client.on("ready", () => {
        if (reported) deps.logger.info({ use }, "Redis answers again");
        reported = false;
      });
      client.on("end", () => clients.delete(client));
      clients.add(client);
      return client;
    },
    async close() {
      await Promise.all([...clients].map(closeClient));
    },
  };
}

/** How long Redis may take to answer QUIT, ms. */
const POLITE_END_MS = 1_000;

/** Ends a connection: with QUIT when it is up, at once when it is not. */
export async function closeClient(client: RedisClient): Promise<void> {
  if (client.status === "end") return;
  if (client.status === "ready") {
    const polite = client.quit().catch(() => undefined);
    await Promise.race([polite, delay(POLITE_END_MS, undefined, { ref: false })]);
  }
  // Also after QUIT: only this closes the connections that watch for a failover.
  client.disconnect();
}
