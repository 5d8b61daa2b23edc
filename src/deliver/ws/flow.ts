/**
 * Flow control: whether a client still reads. The kernel buffers megabytes for a reader that has stopped, while
 * `bufferedAmount` stays 0. So sent bytes are counted against pongs: each pong proves that everything before its ping arrived.
 * A slow line is not a slow reader: a pong may be late, as long as the unread bytes stay within bounds.
 */
export interface FlowLimits {
  /** Most unsent or unacknowledged bytes. More than this for `overMs` without a pong is a slow reader. */
  readonly maxUnreadBytes: number;
  readonly overMs: number;
  /** A client without a pong for this long is gone, ms. */
  readonly pongTimeoutMs: number;
  /** Least time between a pong and the next ping, ms: at many alerts a second pings would be half of the work. */
  readonly pingGapMs: number;
  /** How often a silent connection is pinged, ms. */
  readonly idlePingMs: number;
}

/** The limits of the public contract: over 1 MiB unsent for 5 s, or no pong for 60 s. */
export const FLOW_LIMITS: FlowLimits = {
  maxUnreadBytes: 1_048_576,
  overMs: 5_000,
  pongTimeoutMs: 60_000,
  pingGapMs: 1_000,
  idlePingMs: 15_000,
};

export type FlowVerdict = "ok" | "ping" | "slow";

export class Flow {
  readonly #limits: FlowLimits;
  #sentBytes = 0;
  #readBytes = 0;
  #pings = 0;
  #lastPongAt: number;
  /** Since when too many bytes are unread; null while they are within bounds. */
  #overSince: number | null = null;
  /** Pings without a pong, oldest first: one of the regular sweep, and those of a replay that waits for its reader. */
  #outstanding: { payload: string; bytes: number; at: number }[] = [];
  #waiters: (() => void)[] = [];

  constructor(limits: FlowLimits, now: number) {
    this.#limits = limits;
    this.#lastPongAt = now;
  }

  /** Bytes sent that no pong has acknowledged. */
  get unreadBytes(): number {
    return this.#sentBytes - this.#readBytes;
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  /**
   * What to do now. For `ping`, send one with the payload of `nextPing`.
   *
   * @param bufferedBytes what this process still holds for the client
   * @param mayAsk false while a ping should wait for something more urgent
   */
  judge(now: number, bufferedBytes: number, mayAsk = true): FlowVerdict {
    if (Math.max(bufferedBytes, this.unreadBytes) <= this.#limits.maxUnreadBytes) this.#overSince = null;
    else this.#overSince ??= now;
    // A pong is progress, unless this process's own buffer stays full.
    const since = bufferedBytes > this.#limits.maxUnreadBytes ? 0 : this.#lastPongAt;
    if (this.#overSince !== null && now - Math.max(this.#overSince, since) >= this.#limits.overMs) return "slow";
    const [oldest] = this.#outstanding;
    if (oldest) return now - oldest.at >= this.#limits.pongTimeoutMs ? "slow" : "ok";
    const wait = this.unreadBytes > 0 ? this.#limits.pingGapMs : this.#limits.idlePingMs;
    return mayAsk && now - this.#lastPongAt >= wait ? "ping" : "ok";
  }

  /** Payload of the ping to send now. Its pong acknowledges everything sent before. */
  nextPing(now: number): string {
    this.#pings += 1;
    const payload = String(this.#pings);
    this.#outstanding.push({ payload, bytes: this.#sentBytes, at: now });
    return payload;
  }

  /** Handles a pong. The protocol allows unsolicited pongs, which acknowledge nothing. */
  pong(payload: string, now: number): void {
    const index = this.#outstanding.findIndex((ping) => ping.payload === payload);
    const answered = this.#outstanding[index];
    if (!answered) return;
    this.#readBytes = answered.bytes;
    this.#outstanding.splice(0, index + 1);
    this.#lastPongAt = now;
    this.release();
  }

  /** Resolves at the next pong, or when the connection ends. For senders with more bytes than may be unread at once. */
  proof(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  release(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
