/** Silences in Redis, so that every replica knows them. One hash; what has ended is forgotten when it is next written. */
import { randomUUID } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import { HashfallError } from "../model/errors.ts";
import { regionCovers } from "../model/region.ts";
import type { Silence, SilenceStore } from "./contract.ts";

/** Nobody needs more; and without a limit a script gone wrong would fill the store. */
const MAX_SILENCES = 1000;

export interface SilencesDeps {
  readonly redis: Redis | Cluster;
  /** Real time. */
  readonly real: { now(): number };
}

/** @param options.keyTag the hash tag that all keys of this installation carry */
export function makeSilences(options: { readonly keyTag: string }, { redis, real }: SilencesDeps): SilenceStore {
  const key = `{${options.keyTag}}:silences`;

  async function list(): Promise<Silence[]> {
    const all = Object.values(await redis.hgetall(key)).map((text) => JSON.parse(text) as Silence);
    const now = real.now();
    return all.filter(({ endsAt }) => Date.parse(endsAt) > now).sort((a, b) => a.endsAt.localeCompare(b.endsAt));
  }

  async function forgetEnded(kept: readonly Silence[]): Promise<void> {
    const ids = new Set(kept.map(({ id }) => id));
    const ended = (await redis.hkeys(key)).filter((id) => !ids.has(id));
    if (ended.length > 0) await redis.hdel(key, ...ended);
  }

  return {
    list,
    async add(silence) {
      const kept = await list();
      await forgetEnded(kept);
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

/** The silence that mutes an alert at a moment of real time; a region's also covers its subdivisions. */
export function silencing(
  silences: readonly Silence[],
  alert: { readonly network: string; readonly region: string | null; readonly pool?: string | undefined },
  now: number,
): Silence | undefined {
  return silences.find(
    ({ network, region, pool, startsAt, endsAt }) =>
      Date.parse(startsAt) <= now &&
      now < Date.parse(endsAt) &&
      (network === undefined || network === alert.network) &&
      (region === undefined || (alert.region !== null && regionCovers(region, alert.region))) &&
      (pool === undefined || pool === alert.pool),
  );
}
