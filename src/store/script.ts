/** Runs a Lua script by its digest, and sends its text only to a server that does not know it. */
import { createHash } from "node:crypto";
import type { RedisClient } from "./connect.ts";

export interface Script {
  readonly source: string;
  readonly digest: string;
}

/** A script; every key it touches is passed in KEYS. */
export function script(source: string): Script {
  return { source, digest: createHash("sha1").update(source).digest("hex") };
}

/** Runs `script`; numbers come back as integers, strings as text, nil as null. */
export async function runScript(
  redis: RedisClient,
  { source, digest }: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(digest, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return redis.eval(source, keys.length, ...keys, ...args);
  }
}
