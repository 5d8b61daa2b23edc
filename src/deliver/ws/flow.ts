/**
 * Whether a client still reads. The kernel takes megabytes for a reader that has stopped, and `bufferedAmount` stays 0 all
 * the while; so what was sent is counted against pongs, each of which proves that everything before its ping has arrived.
 */
export interface FlowLimits {
  /** More than this sent and unproven, or unsent, is too slow. */
  readonly maxUnreadBytes: number;
  /** A ping without its pong for this long is missed; two missed in a row are the end. */
  readonly pongTimeoutMs: number;
  /** One that was just proven to read is not asked again before this: at many alerts a second pings would be half of the work. */
  readonly pingGapMs: number;
  /** A silent connection is pinged this often. */
  readonly idlePingMs: number;
}

/** Two missed pings and the sweep between them stay under five seconds from the first unread byte. */
export const FLOW_LIMITS: FlowLimits = {
  maxUnreadBytes: 1_048_576,
  pongTimeoutMs: 1_250,
  pingGapMs: 1_000,
  idlePingMs: 15_000,
};

export type FlowVerdict = "ok" | "ping" | "slow";

export class Flow {
  readonly #limits: FlowLimits;
  #sentBytes = 0;
  #readBytes = 0;
  #pings = 0;
  #missed = 0;
  #lastPongAt: number;
  /** Pings without a pong, oldest first; never more than two. */
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
   * @param mayAsk false while a first ping should wait; one that follows a missed ping never does
   */
  judge(now: number, bufferedBytes: number, mayAsk = true): FlowVerdict {
    if (bufferedBytes > this.#limits.maxUnreadBytes) return "slow";
    const newest = this.#outstanding.at(-1);
    if (!newest) {
      const silentMs = now - this.#lastPongAt;
      const wait = this.unreadBytes > 0 ? this.#limits.pingGapMs : this.#limits.idlePingMs;
      return mayAsk && silentMs >= wait ? "ping" : "ok";
    }
    if (now - newest.at < this.#limits.pongTimeoutMs) return "ok";
    if (this.unreadBytes > this.#limits.maxUnreadBytes) return "slow";
    this.#missed += 1;
    return this.#missed >= 2 ? "slow" : "ping";
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
    this.#missed = 0;
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
