/** One client: its subscriptions, how far it reads, and how it is closed. */
import type { WebSocket } from "ws";
import type { WsCloseReason } from "../../metrics/metrics.ts";
import type { AlertSubscription } from "./alert-subscription.ts";
import { alerts as alertChannel } from "./channels/alerts.ts";
import type { StateSubscription } from "./channels/channel.ts";
import type { ChannelName } from "./channels/registry.ts";
import { encodeMessage } from "./encode.ts";
import { Flow, type FlowLimits } from "./flow.ts";
import type { ServerMessage, WsErrorCode } from "./protocol.ts";
import { RateLimit, type RateLimitOptions } from "./rate-limit.ts";

/** A client that does not answer a close frame within this time, ms, is cut off. */
const CLOSE_ANSWER_MS = 1000;

export interface Subscriptions {
  /** The subscription to the alert log. */
  alerts?: AlertSubscription;
  /** Subscriptions to state channels, by the channel's name. */
  readonly states: Map<string, StateSubscription>;
}

export class Connection {
  readonly subscriptions: Subscriptions = { states: new Map() };
  readonly flow: Flow;
  readonly messages: RateLimit;
  /** `performance.now()` at its beginning. */
  readonly since: number;
  readonly #socket: WebSocket;
  readonly #onSent: () => void;
  #ended: WsCloseReason | null = null;
  #terminate: NodeJS.Timeout | undefined;

  constructor(
    socket: WebSocket,
    options: { flow: FlowLimits; messages: RateLimitOptions; now: number },
    onSent: () => void,
  ) {
    this.#socket = socket;
    this.#onSent = onSent;
    this.since = options.now;
    this.flow = new Flow(options.flow, options.now);
    this.messages = new RateLimit(options.messages, options.now);
    socket.on("pong", (payload) => this.flow.pong(payload.toString("latin1"), performance.now()));
    // The library itself closes connections that break the protocol (1002, 1007, 1009). Its close event then says 1006.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("WS_ERR_")) this.#ended ??= "protocol";
    });
    socket.once("close", () => {
      clearTimeout(this.#terminate);
      this.subscriptions.alerts?.cancel();
      this.flow.release();
    });
  }

  /** Why this side closed it; null while it is open, or when the client closed it. */
  get ended(): WsCloseReason | null {
    return this.#ended;
  }

  get open(): boolean {
    return this.#ended === null && this.#socket.readyState === this.#socket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends bytes from `encodeMessage` as one text frame. */
  send(message: Buffer): void {
    if (!this.open) return;
    this.flow.sent(message.length);
    this.#socket.send(message, { binary: false });
    this.#onSent();
  }

  say(message: ServerMessage): void {
    this.send(encodeMessage(message));
  }

  refuse(code: WsErrorCode, message: string, id?: string | number): void {
    this.say({ type: "error", ...(id === undefined ? {} : { id }), code, message });
  }

  /** False when there is no subscription to this channel. */
  unsubscribe(channel: ChannelName): boolean {
    const { alerts, states } = this.subscriptions;
    if (channel !== alertChannel.name) return states.delete(channel);
    alerts?.cancel();
    delete this.subscriptions.alerts;
    return alerts !== undefined;
  }

  ping(now: number): void {
    if (this.open) this.#socket.ping(this.flow.nextPing(now));
  }

  /** Closes with a reason. A client that does not answer is cut off, so that a stalled reader holds no memory. */
  close(code: number, reason: WsCloseReason, text: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.subscriptions.alerts?.cancel();
    this.flow.release();
    this.#socket.close(code, text);
    // A slow reader does not read, so waiting long for its answer is of no use.
    const wait = reason === "slow" ? CLOSE_ANSWER_MS / 4 : CLOSE_ANSWER_MS;
    this.#terminate = setTimeout(() => this.#socket.terminate(), wait);
  }
}
