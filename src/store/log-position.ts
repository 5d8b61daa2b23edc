/** A follower's position in the alert log, and where it continues when the entry that it delivered last is gone. */
import { compareStreamIds } from "../model/cursor.ts";
import type { RedisClient } from "./connect.ts";
import type { Keys } from "./keys.ts";
import { currentEpoch, rotateEpoch } from "./log-epoch.ts";

/** Delivered ids that are remembered. A failover loses about a second of writes, and so many events in a second never happen. */
const REMEMBERED = 500;
const BEGINNING = "0-0";

export class LogPosition {
  #epoch: string;
  /** Delivered ids, oldest first; the last one is the position. */
  readonly #delivered: string[];

  constructor(start: { epoch: string; id: string }) {
    this.#epoch = start.epoch;
    this.#delivered = [start.id];
  }

  get epoch(): string {
    return this.#epoch;
  }

  get id(): string {
    return this.#delivered.at(-1) ?? BEGINNING;
  }

  advance(ids: readonly string[]): void {
    this.#delivered.push(...ids);
    this.#delivered.splice(0, this.#delivered.length - REMEMBERED);
  }

  /**
   * Compares the position with the log. When its entry is gone and was not trimmed, begins a new epoch and goes back to the
   * newest delivered entry that still exists: everything after it is new.
   */
  async reconcile(redis: RedisClient, keys: Keys): Promise<void> {
    const epoch = await currentEpoch({ redis, keys });
    const trimmed = (await redis.hget(keys.logMeta, "trimmed")) ?? BEGINNING;
    if (await this.#isThere(redis, keys, this.id, trimmed)) {
      this.#epoch = epoch;
      return;
    }
    const next = epoch === this.#epoch ? await rotateEpoch({ redis, keys }, epoch, this.id) : epoch;
    let there = this.#delivered.length - 2;
    while (there >= 0 && !(await this.#isThere(redis, keys, this.#delivered[there] ?? BEGINNING, trimmed))) there--;
    const [before] =
      there >= 0 ? [] : await redis.xrevrange(keys.log, this.#delivered[0] ?? BEGINNING, "-", "COUNT", 1);
    // All writes at the end: a connection that breaks half-way must not make the next try begin another epoch.
    this.#delivered.splice(there + 1);
    if (this.#delivered.length === 0) this.#delivered.push(before?.[0] ?? trimmed);
    this.#epoch = next;
  }

  async #isThere(redis: RedisClient, keys: Keys, id: string, trimmed: string): Promise<boolean> {
    if (compareStreamIds(id, trimmed) <= 0) return true;
    return (await redis.xrange(keys.log, id, id)).length > 0;
  }
}
