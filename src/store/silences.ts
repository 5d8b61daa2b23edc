/** Silences in one Redis hash, so that every replica knows them. An ended silence is deleted when the next one is added. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../model/clock.ts";
import { HashfallError } from "../model/errors.ts";
import type { Silence } from "../model/silence.ts";
import type { RedisClient } from "./connect.ts";
import type { SilenceStore } from "./contract.ts";
import type { Keys } from "./keys.ts";

/** Most silences. Without a limit a faulty script would fill the store. */
const MAX_SILENCES = 1000;

export interface SilencesDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** Silences begin and end in real time. */
  readonly real: Clock;
}

export function makeSilences({ redis, keys, real }: SilencesDeps): SilenceStore {
  const key = keys.silences;

  async function list(): Promise<Silence[]> {
    const all = Object.values(await redis.hgetall(key)).map((text) => JSON.parse(text) as Silence);
    const now = real.now();
    return all.filter(({ endsAt }) => Date.parse(endsAt) > now).sort((a, b) => a.endsAt.localeCompare(b.endsAt));
  }

  async function deleteEnded(kept: readonly Silence[]): Promise<void> {
    const ids = new Set(kept.map(({ id }) => id));
    const ended = (await redis.hkeys(key)).filter((id) => !ids.has(id));
    if (ended.length > 0) await redis.hdel(key, ...ended);
  }

  return {
    list,
    async add(silence) {
      const kept = await list();
      await deleteEnded(kept);
      if (kept.length >= MAX_SILENCES)
        throw new HashfallError("SILENCES_FULL", `there are ${MAX_SILENCES} silences already; end some`);
      const added: Silence = { id: randomUUID(), ...silence };
      await redis.hset(key, added.id, JSON.stringify(added));
      return added;
    },
    async remove(id) {
      return (await redis.hdel(key, id)) === 1;
    },
  };
}
