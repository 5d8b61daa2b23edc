/**
 * A client of hashfall's WebSocket that loses no event: it keeps the cursor, reconnects with jitter after a break, and
 * continues from the cursor. For Node and browsers.
 */
import type { ServerMessage } from "../deliver/ws/protocol.ts";
import type { DeliveredAlert, Scope, Severity } from "../model/alert.ts";
import { platformSocket, type Socket, type SocketConstructor, subprotocols } from "./socket.ts";

export type MessageOf<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

/** An absent filter matches everything. */
export interface AlertsFilter {
  readonly networks?: readonly string[];
  readonly regions?: readonly string[];
  readonly scopes?: readonly Scope[];
  readonly minSeverity?: Severity;
}

export interface ViewsFilter {
  readonly networks?: readonly string[];
  readonly regions?: readonly string[];
}

export interface ClientOptions {
  /** `ws://127.0.0.1:8080/ws` */
  readonly url: string;
  readonly token?: string | undefined;
  /** Cursor kept from an earlier run: everything after it comes. Without it, what is open now comes first. */
  readonly since?: string | undefined;
  readonly alerts?: AlertsFilter;
  readonly regions?: ViewsFilter;
  readonly status?: ViewsFilter;
  readonly WebSocket?: SocketConstructor;
  /** Longest wait between two attempts, ms. */
  readonly maxDelayMs?: number;
}

export interface ClientHandlers {
  /** One event, each (id, revision) once and in order. Keep `alert.cursor` when you have dealt with it. */
  onAlert?(alert: DeliveredAlert): void;
  /**
   * What is open, at first and whenever the server could not go on from the cursor (`gap`): replace what you hold.
   * `ended` are the last events of what ended in the gap, as far as the server knows.
   */
  onSnapshot?(alerts: readonly DeliveredAlert[], gap: boolean, ended: readonly DeliveredAlert[]): void;
  onRegions?(message: MessageOf<"regions">): void;
  onStatus?(message: MessageOf<"status">): void;
  onHello?(message: MessageOf<"hello">): void;
  /**
   * The server refused something; `fatal` when coming back would be refused as well, and the client has given up. After
   * `bad-cursor` the client goes on by itself, from a snapshot.
   */
  onError?(code: string, message: string, fatal: boolean): void;
  onConnection?(state: "open" | "waiting" | "closed", detail: string): void;
}

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 15_000;
/** The connection counts as dead after this many heartbeat intervals without a message. */
const SILENT_HEARTBEATS = 2.5;
/** The same time before `hello` tells the interval, ms. */
const FIRST_SILENCE_MS = 15_000;
/** Close codes after which the same client would be refused again. */
const FATAL: ReadonlyMap<number, string> = new Map([
  [4400, "the server does not understand this client"],
  [4401, "the token is missing or not known"],
]);

/** Refusals of a subscription that only a corrected filter can solve. */
const MEANINGLESS = new Set(["unknown-network", "unknown-region", "bad-request"]);

export class HashfallClient {
  readonly #options: ClientOptions;
  readonly #handlers: ClientHandlers;
  #cursor: string | undefined;
  #socket: Socket | null = null;
  /** Whether the server has accepted the cursor on this connection. */
  #placed = false;
  /** Set when the server did not know the cursor: the next snapshot comes after a gap. */
  #cursorRefused = false;
  #attempts = 0;
  #silenceMs = FIRST_SILENCE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: ClientOptions, handlers: ClientHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#cursor = options.since;
  }

  /** The newest cursor; pass it as `since` after a restart. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Starts, and runs until `close`. */
  open(): this {
    void this.#connect();
    return this;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#socket?.close(1000);
    this.#handlers.onConnection?.("closed", "closed by this side");
  }

  async #connect(): Promise<void> {
    const Constructor = this.#options.WebSocket ?? (await platformSocket());
    if (this.#closed) return;
    const socket = new Constructor(this.#options.url, subprotocols(this.#options.token));
    this.#socket = socket;
    let ended = false;
    const end = (code: number, reason: string): void => {
      if (ended) return;
      ended = true;
      if (this.#socket === socket) this.#ended(code, reason);
    };
    // Browsers do not say why a connection failed; Node's WebSockets do.
    let failure = "";
    socket.addEventListener("error", ({ message = "" }) => {
      failure = message;
    });
    socket.addEventListener("close", ({ code, reason }) => end(code, reason === "" ? failure : reason));
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket !== socket || this.#closed) return;
      if (typeof data === "string") this.#take(socket, JSON.parse(data) as ServerMessage);
      // Set after `hello`, which tells the heartbeat interval.
      if (this.#socket === socket && !this.#closed) this.#watch(socket, end);
    });
    this.#watch(socket, end);
  }

  /** A half-open connection closes nothing by itself, and its close event may never come. */
  #watch(socket: Socket, end: (code: number, reason: string) => void): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      socket.close();
      end(1006, "nothing was heard for too long");
    }, this.#silenceMs);
  }

  #ended(code: number, reason: string): void {
    clearTimeout(this.#watchdog);
    this.#socket = null;
    if (this.#closed) return;
    if (FATAL.has(code)) {
      this.#closed = true;
      const why = reason === "" ? (FATAL.get(code) ?? "refused") : reason;
      this.#handlers.onError?.(`closed-${code}`, why, true);
      this.#handlers.onConnection?.("closed", why);
      return;
    }
    // Full jitter: many clients that were cut off together must not reconnect together.
    const ceiling = Math.min(
      this.#options.maxDelayMs ?? MAX_DELAY_MS,
      FIRST_DELAY_MS * 2 ** Math.min(this.#attempts, 16),
    );
    this.#attempts += 1;
    const wait = Math.random() * ceiling;
    this.#handlers.onConnection?.("waiting", lossOf(code, reason));
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  #take(socket: Socket, message: ServerMessage): void {
    const handlers = this.#handlers;
    switch (message.type) {
      case "hello":
        this.#attempts = 0;
        this.#placed = false;
        this.#silenceMs = Math.max(1000, message.heartbeatSeconds * 1000 * SILENT_HEARTBEATS);
        this.#subscribe(socket);
        handlers.onHello?.(message);
        handlers.onConnection?.("open", "");
        return;
      case "snapshot":
        handlers.onSnapshot?.(message.alerts, this.#cursor !== undefined || this.#cursorRefused, message.ended ?? []);
        this.#cursorRefused = false;
        this.#cursor = message.cursor;
        this.#placed = true;
        return;
      case "alert":
        handlers.onAlert?.(message.alert);
        this.#cursor = message.alert.cursor;
        return;
      case "subscribed":
        if (message.channel === "alerts" && message.recovered) this.#placed = true;
        return;
      case "heartbeat":
        // Before the cursor was accepted on this connection, a newer one would skip events that are still to be replayed.
        if (this.#placed) this.#cursor = message.cursor;
        return;
      case "regions":
        handlers.onRegions?.(message);
        return;
      case "status":
        handlers.onStatus?.(message);
        return;
      case "error":
        // A refused token also ends the connection, so it is reported only once.
        if (message.code !== "bad-token") this.#refused(message.code, message.message);
        if (message.code === "bad-cursor" && this.#cursor !== undefined) {
          this.#cursor = undefined;
          this.#cursorRefused = true;
          this.#subscribeAlerts(socket);
        }
        return;
      default:
    }
  }

  /** A filter that means nothing to the server would be refused again: without it there is nothing to wait for. */
  #refused(code: string, message: string): void {
    const fatal = MEANINGLESS.has(code);
    this.#handlers.onError?.(code, message, fatal);
    if (fatal) this.close();
  }

  #subscribeAlerts(socket: Socket): void {
    const { alerts } = this.#options;
    if (!alerts) return;
    const since = this.#cursor === undefined ? {} : { since: this.#cursor };
    socket.send(JSON.stringify({ op: "subscribe", id: "alerts", channel: "alerts", ...alerts, ...since }));
  }

  #subscribe(socket: Socket): void {
    const { regions, status } = this.#options;
    const say = (message: object): void => socket.send(JSON.stringify({ op: "subscribe", ...message }));
    this.#subscribeAlerts(socket);
    if (regions) say({ id: "regions", channel: "regions", ...regions });
    if (status) say({ id: "status", channel: "status", ...status });
  }
}

/** Why a connection ended, in words: a number alone tells nobody what to do. */
function lossOf(code: number, reason: string): string {
  if (reason !== "") return `${reason} (${code})`;
  return code === 1006
    ? "the server cannot be reached, or closed the connection without a word (1006)"
    : `connection lost (${code})`;
}

/** Opens a client; it keeps coming back until `close`. */
export function connect(options: ClientOptions, handlers: ClientHandlers): HashfallClient {
  return new HashfallClient(options, handlers).open();
}
