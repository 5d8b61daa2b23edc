/** Pushes that were accepted, with their answers: a repeated push gets the same answer from every replica. */
import { createHash } from "node:crypto";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

/** How long an id is remembered, real time, ms: longer than a message is valid (five minutes before and after this clock). */
const KEPT_MS = 15 * 60_000;
/**
 * How long an id stays pending, ms: longer than storing takes. If the process dies, the id becomes free again; storing twice
 * has no effect.
 */
const PENDING_MS = 60_000;

export type TakenPush<Answer> =
  /** The id is new: the caller stores the push, then calls `finish` or `release`. */
  | { readonly state: "new" }
  /** Another request is storing it at this moment. */
  | { readonly state: "pending" }
  /** The id was used for another body. */
  | { readonly state: "reused" }
  | { readonly state: "done"; readonly answer: Answer };

export interface PushIds<Answer> {
  /** @param body as received: the same id with another body is a mistake that must not lose rows */
  take(sender: string, id: string, body: Uint8Array): Promise<TakenPush<Answer>>;
  finish(sender: string, id: string, body: Uint8Array, answer: Answer): Promise<void>;
  /** Frees the id without an answer, so that the push can be repeated. */
  release(sender: string, id: string): Promise<void>;
}

export function makePushIds<Answer>({ redis, keys }: { redis: RedisClient; keys: Keys }): PushIds<Answer> {
  // Hashed: an id may be long, and hold any character.
  const keyOf = (sender: string, id: string): string => keys.pushId(digest(`${sender}\n${id}`));
  return {
    async take(sender, id, body) {
      const key = keyOf(sender, id);
      const hash = digest(body);
      if ((await redis.set(key, JSON.stringify({ hash }), "PX", PENDING_MS, "NX")) === "OK") return { state: "new" };
      const found = JSON.parse((await redis.get(key)) ?? "{}") as { hash?: string; answer?: Answer };
      // The id expired between the two commands: the sender will repeat the push.
      if (found.hash === undefined) return { state: "pending" };
      if (found.hash !== hash) return { state: "reused" };
      return found.answer === undefined ? { state: "pending" } : { state: "done", answer: found.answer };
    },
    async finish(sender, id, body, answer) {
      await redis.set(keyOf(sender, id), JSON.stringify({ hash: digest(body), answer }), "PX", KEPT_MS);
    },
    async release(sender, id) {
      await redis.del(keyOf(sender, id));
    },
  };
}

function digest(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("base64url");
}
