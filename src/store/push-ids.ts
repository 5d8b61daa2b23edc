/** Which pushes were taken already, and what was answered: a replay gets the same answer from every replica. */
import { createHash } from "node:crypto";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";

/** A message is good from five minutes before our clock to five after: its id is known for longer than that. Real time. */
const KEPT_MS = 15 * 60_000;
/** Longer than storing takes. Whoever dies in between leaves the id free again, and storing twice stores once. */
const PENDING_MS = 60_000;

export type TakenPush<Answer> =
  /** Nobody had it: it is the caller's to store, then `finish` or `release`. */
  | { readonly state: "new" }
  /** Being stored at this moment, by another request. */
  | { readonly state: "pending" }
  /** The id was used for another body. */
  | { readonly state: "reused" }
  | { readonly state: "done"; readonly answer: Answer };

export interface PushIds<Answer> {
  /** @param body as it came: the same id with another body is a mistake that must not lose rows */
  take(sender: string, id: string, body: Uint8Array): Promise<TakenPush<Answer>>;
  finish(sender: string, id: string, body: Uint8Array, answer: Answer): Promise<void>;
  /** Nothing was answered: it may be sent again. */
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
      // Gone between the two commands: the sender asks again in a moment.
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
