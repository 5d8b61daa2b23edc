/** The commands that a Redis user of hashfall needs, and a check at start that names missing ones. */
import { HashfallError, messageOf } from "../model/errors.ts";
import type { RedisClient } from "./connect.ts";

/** Commands that connecting and checking use, in addition to `SCRIPTED`. */
export const CONNECTION_COMMANDS = [
  ...["auth", "hello", "ping", "quit", "select", "client", "info", "eval", "evalsha", "multi", "exec"],
  ...["bzpopmin", "cluster|slots", "cluster|nodes", "cluster|info", "command", "config|get"],
];

/**
 * Every command of hashfall's and BullMQ's scripts, with arguments that change nothing, whether Redis accepts or refuses them:
 * KEY is a key that does not exist. Redis checks permissions before arguments.
 */
const SCRIPTED: readonly (readonly string[])[] = [
  ...["del", "exists", "get", "hgetall", "hlen", "llen", "lpop", "persist", "pttl", "rpop", "scard", "smembers"].map(
    (command) => [command, "KEY"],
  ),
  ...["type", "unlink", "xlen", "zcard", "zpopmin"].map((command) => [command, "KEY"]),
  ...["hdel", "hexists", "hget", "hmget", "sismember", "srem", "xdel", "zrem", "zscore", "lpos"].map((command) => [
    command,
    "KEY",
    command === "xdel" ? "1-1" : "x",
  ]),
  ...["expire", "pexpire", "pexpireat"].map((command) => [command, "KEY", "1"]),
  ...["lrange", "ltrim", "zrange", "zremrangebyrank", "zrevrange"].map((command) => [command, "KEY", "0", "0"]),
  ...["zcount", "zrangebyscore", "zremrangebyscore", "zrevrangebyscore"].map((command) => [command, "KEY", "0", "0"]),
  ...["zlexcount", "zrangebylex"].map((command) => [command, "KEY", "-", "+"]),
  ["hincrby", "KEY", "x", "no-number"],
  ["hset", "KEY", "field", "value", "odd"],
  ["hmset", "KEY", "field", "value", "odd"],
  ["hsetnx", "KEY", "x", "x"],
  ["incr", "KEY"],
  ["incrby", "KEY", "no-number"],
  ["lindex", "KEY", "0"],
  ["lpush", "KEY", "x"],
  ["lrem", "KEY", "0", "x"],
  ["lset", "KEY", "0", "x"],
  ["rename", "KEY", "KEY"],
  ["rpoplpush", "KEY", "KEY"],
  ["rpush", "KEY", "x"],
  ["sadd", "KEY", "x"],
  ["set", "KEY", "x", "no-option"],
  ["time"],
  ["xadd", "KEY", "no-id", "x", "x"],
  ["xrange", "KEY", "-", "+"],
  ["xread", "STREAMS", "KEY", "0"],
  ["xrevrange", "KEY", "+", "-"],
  ["xtrim", "KEY", "no-way", "0"],
  ["zadd", "KEY", "no-number", "x"],
];

/** All of them, as `ACL SETUSER` takes them after a plus sign. */
export const NEEDED_COMMANDS = [...CONNECTION_COMMANDS, ...SCRIPTED.map(([command = ""]) => command)].toSorted();

/** Probes that succeed write to the key; it is deleted within the same script. */
const PROBE = `
local denied = {}
for _, probe in ipairs(cjson.decode(ARGV[1])) do
  for i = 2, #probe do if probe[i] == 'KEY' then probe[i] = KEYS[1] end end
  local reply = redis.pcall(unpack(probe))
  if type(reply) == 'table' and reply.err and
    (string.find(reply.err, 'NOPERM') or string.find(reply.err, "can't run this command") or
     string.find(reply.err, "can't access")) then
    denied[#denied + 1] = probe[1]
  end
  redis.pcall('del', KEYS[1])
end
return denied
`;

/**
 * Throws `HashfallError` REDIS_FORBIDDEN (a mistake) that names the commands this user may not run.
 * @param key a key of hashfall's that holds nothing
 */
export async function checkPermissions(redis: RedisClient, key: string): Promise<void> {
  const denied = await probe(redis, key);
  if (denied.length === 0) return;
  const rules = denied.map((command) => `+${command}`).join(" ");
  throw new HashfallError(
    "REDIS_FORBIDDEN",
    `the Redis user of hashfall may not run ${denied.join(", ")} on its keys; grant it: ACL SETUSER <user> ${rules}`,
  );
}

async function probe(redis: RedisClient, key: string): Promise<string[]> {
  try {
    return (await redis.eval(PROBE, 1, key, JSON.stringify(SCRIPTED))) as string[];
  } catch (error) {
    if (/NOPERM.*keys/i.test(messageOf(error))) {
      throw new HashfallError(
        "REDIS_FORBIDDEN",
        `the Redis user of hashfall may not use the key ${key}; grant it: ACL SETUSER <user> ~${key.split(":")[0]}:*`,
      );
    }
    const [, command] = /NOPERM.*'([a-z|]+)'/i.exec(messageOf(error)) ?? [];
    if (command !== undefined) return [command];
    throw new HashfallError("REDIS_UNREACHABLE", `Redis does not take a script: ${messageOf(error)}`, {
      kind: "temporary",
      cause: error,
    });
  }
}
