/**
 * Whether a client still reads. The kernel takes megabytes for a reader that has stopped, and `bufferedAmount` stays 0 all
 * the while; so what was sent is counted against pongs, each of which proves that everything before its ping has arrived.
 * A slow line is not a slow reader: a pong may take its time, as long as what lies unread stays within bounds.
 */
export interface FlowLimits {
  /** More than this unsent or unproven is too much, if it stays so for `overMs` without a proof. */
  readonly maxUnreadBytes: number;
  readonly overMs: number;
  /** Without an answer to a ping for this long nobody is there. */
  readonly pongTimeoutMs: number;
  /** One that was just proven to read is not asked again before this: at many alerts a second pings would be half of the work. */
  readonly pingGapMs: number;
  /** A silent connection is pinged this often. */
  readonly idlePingMs: number;
}

/** As the public contract says: over 1 MiB unsent for 5 s, or no pong for 60 s. */
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
  /** Since when too much lies unread; null while it does not. */
  #overSince: number | null = null;
  /** Pings without a pong, oldest first: one of the sweep, and what a replay asks that waits for its reader. */
  #outstanding: { payload: string; bytes: number; at: number }[] = [];
  #waiters: (() => void)[] = [];

  constructor(limits: FlowLimits, now: number) {
    this.#limits = limits;
    this.#lastPongAt = now;
  }

  /** Bytes sent that no pong has proven to be read. */
  get unreadBytes(): number {
    return this.#sentBytes - this.#readBytes;
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  /**
   * What to do now; after `ping` send one with the payload of `nextPing`.
   *
   * @param bufferedBytes what this process still holds for the client
   * @param mayAsk false while a ping should wait for something more urgent
   */
  judge(now: number, bufferedBytes: number, mayAsk = true): FlowVerdict {
    if (Math.max(bufferedBytes, this.unreadBytes) <= this.#limits.maxUnreadBytes) this.#overSince = null;
    else this.#overSince ??= now;
    // A proof is progress, unless our own memory stays full all the same.
    const since = bufferedBytes > this.#limits.maxUnreadBytes ? 0 : this.#lastPongAt;
    if (this.#overSince !== null && now - Math.max(this.#overSince, since) >= this.#limits.overMs) return "slow";
    const [oldest] = this.#outstanding;
    if (oldest) return now - oldest.at >= this.#limits.pongTimeoutMs ? "slow" : "ok";
    const wait = this.unreadBytes > 0 ? this.#limits.pingGapMs : this.#limits.idlePingMs;
    return mayAsk && now - this.#lastPongAt >= wait ? "ping" : "ok";
  }

  /** Payload of the ping that is sent now; it stands for everything sent before it. */
  nextPing(now: number): string {
    this.#pings += 1;
    const payload = String(this.#pings);
    this.#outstanding.push({ payload, bytes: this.#sentBytes, at: now });
    return payload;
  }

  /** Unsolicited pongs are allowed by the protocol and prove nothing. */
  pong(payload: string, now: number): void {
    const index = this.#outstanding.findIndex((ping) => ping.payload === payload);
    const answered = this.#outstanding[index];
    if (!answered) return;
    this.#readBytes = answered.bytes;
    this.#outstanding.splice(0, index + 1);
    this.#lastPongAt = now;
    this.release();
  }

  /** Resolves at the next proof, or when the connection ends: for whoever has more to send than should lie unread. */
  proof(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  release(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
