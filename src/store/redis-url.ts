/** Where a Redis is, as one URL: what REDIS_URL and `redis.url` may say. */
import { HashfallError } from "../model/errors.ts";

interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

export type RedisTarget =
  | ({ readonly kind: "socket"; readonly path: string; readonly db: number } & Login)
  | ({ readonly kind: "standalone"; readonly db: number } & Address & Login)
  | ({
      readonly kind: "sentinel";
      readonly sentinels: readonly Address[];
      readonly name: string;
      readonly db: number;
    } & Login)
  | ({ readonly kind: "cluster"; readonly nodes: readonly Address[] } & Login);

const FORMS = [
  "redis://[user:password@]host[:port][/db]",
  "rediss://... (TLS)",
  "unix:///path/to/redis.sock",
  "redis+sentinel://[user:password@]host[:26379],host/name-of-master[/db]",
  "redis+cluster://[user:password@]host:port,host:port (rediss+... for TLS)",
].join(", ");

const SHAPE = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?$/;

function refuse(why: string): HashfallError {
  // The URL itself is not repeated: it may carry a password.
  return new HashfallError("REDIS_URL_INVALID", `the Redis URL ${why}; allowed are ${FORMS}`);
}

function addressOf(text: string, defaultPort: number): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) throw refuse(`has no usable host and port in "${text}"`);
  return { host, port };
}

function loginOf(text: string | undefined, tls: boolean): Login {
  if (text === undefined || text === "") return { tls };
  const colon = text.indexOf(":");
  try {
    if (colon < 0) return { tls, password: decodeURIComponent(text) };
    const username = decodeURIComponent(text.slice(0, colon));
    const password = decodeURIComponent(text.slice(colon + 1));
    return { tls, password, ...(username === "" ? {} : { username }) };
  } catch {
    throw refuse("has a user or password that is not percent-encoded");
  }
}

function dbOf(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  if (!/^\d{1,5}$/.test(text)) throw refuse("has a database that is no whole number");
  return Number(text);
}

/** Reads a URL; throws `HashfallError` REDIS_URL_INVALID that says what is allowed and never repeats a password. */
export function parseRedisUrl(url: string): RedisTarget {
  const socket = /^(?:unix:(?:\/\/)?)?(\/.+)$/.exec(url);
  if (socket) return { kind: "socket", path: socket[1]!, db: 0, tls: false };
  const match = SHAPE.exec(url);
  if (!match) throw refuse("is not understood");
  const [, scheme, mode, user, hosts = "", path] = match;
  const login = loginOf(user, scheme === "rediss");
  if (mode === "cluster") {
    if (path) throw refuse("names a database or path, and a cluster has none");
    return { kind: "cluster", nodes: hosts.split(",").map((host) => addressOf(host, 6379)), ...login };
  }
  if (mode === "sentinel") {
    const [name = "", db] = (path ?? "").split("/");
    if (name === "") throw refuse("does not say the master's name");
    const sentinels = hosts.split(",").map((host) => addressOf(host, 26_379));
    return { kind: "sentinel", sentinels, name: decodeURIComponent(name), db: dbOf(db), ...login };
  }
  return { kind: "standalone", ...addressOf(hosts, 6379), db: dbOf(path), ...login };
}
