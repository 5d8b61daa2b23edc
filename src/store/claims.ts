/** Leases on polling one tick of one network, so that a tick is not lost when its claimant dies. */
import { randomUUID } from "node:crypto";
import type { RedisClient } from "./connect.ts";
import type { TickClaims } from "./contract.ts";
import type { Keys } from "./keys.ts";
import { CLAIM } from "./lua/claim.ts";
import { COMPLETE_CLAIM } from "./lua/complete-claim.ts";
import { RELEASE_CLAIM } from "./lua/release-claim.ts";
import { RENEW_CLAIM } from "./lua/renew-claim.ts";
import { runScript } from "./script.ts";

/** Marks of polled ticks that are kept: three and a half days of 5-minute ticks, longer than any process goes back. */
const DONE_MARKS = 1_000;

export function makeTickClaims({ redis, keys }: { redis: RedisClient; keys: Keys }): TickClaims {
  return {
    async claim(network, tick, holder, leaseMs) {
      const token = randomUUID();
      const [claims, done] = [keys.claims(network), keys.done(network)];
      const result = await runScript(redis, CLAIM, [claims, done], [tick, token, leaseMs, DONE_MARKS, holder]);
      if (result === 0) return null;
      return {
        takeover: result === 2,
        claim: {
          renew: async () => (await runScript(redis, RENEW_CLAIM, [claims], [tick, token, leaseMs, holder])) === 1,
          complete: async () =>
            (await runScript(redis, COMPLETE_CLAIM, [claims, done], [tick, token, DONE_MARKS])) === 1,
          release: async () => {
            await runScript(redis, RELEASE_CLAIM, [claims], [tick, token]);
          },
        },
      };
    },
    async isDone(network, tick) {
      return (await redis.zscore(keys.done(network), String(tick))) !== null;
    },
    async lastDone(network) {
      const [newest] = await redis.zrevrange(keys.done(network), 0, 0);
      return newest === undefined ? null : Number(newest);
    },
  };
}
