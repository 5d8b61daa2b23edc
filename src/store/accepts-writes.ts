/** Whether Redis accepts writes now. A server that is full, read-only or out of disk still answers PING and every read. */
import { messageOf } from "../model/errors.ts";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { WRITE_CHECK } from "./lua/write-check.ts";
import { runScript } from "./script.ts";

/** Errors of Redis and what they mean for a person. Other errors are shown in Redis's own words. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/OOM/, "Redis is full (maxmemory is reached) and refuses writes"],
  [/READONLY/, "Redis is a read-only replica and refuses writes"],
  [/MISCONF/, "Redis cannot write to its disk and refuses writes"],
  [/NOREPLICAS/, "Redis has too few replicas in sync and refuses writes"],
];

/** Writes one small key. Null when it was accepted, else one line that says why not. Rejects when Redis does not answer. */
export async function writeRefusal(redis: RedisClient, keys: Keys): Promise<string | null> {
  const answer = await runScript(redis, WRITE_CHECK, [keys.writeCheck], []).catch((error: unknown) => {
    const why = messageOf(error);
    if (REFUSALS.some(([pattern]) => pattern.test(why))) return why;
    throw error;
  });
  if (answer === "OK") return null;
  const refusal = String(answer);
  return REFUSALS.find(([pattern]) => pattern.test(refusal))?.[1] ?? `Redis refuses writes: ${refusal}`;
}
