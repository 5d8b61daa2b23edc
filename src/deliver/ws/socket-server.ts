/** Accepts WebSocket connections on the HTTP server: who may connect, how many, how fast they send, and whether they read. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Metrics, WsCloseReason } from "../../metrics/metrics.ts";
import type { Clock } from "../../model/clock.ts";
import { type Authenticator, bearerToken, subprotocolToken, WS_SUBPROTOCOL } from "../auth.ts";
import { hostAllowed, type OriginRules, originAllowed } from "../origin.ts";
import { Connection } from "./connection.ts";
import { FLOW_LIMITS } from "./flow.ts";
import type { Hub } from "./hub.ts";
import { CLOSE } from "./protocol.ts";
import type { RateLimitOptions } from "./rate-limit.ts";

/** Longest message of a client. Documented ones are far shorter. */
export const MAX_PAYLOAD_BYTES = 4096;
export const MESSAGE_LIMIT: RateLimitOptions = { burst: 100, perSecond: 10 };
const SWEEP_MS = 250;
const SWEEP_SLICE = 250;
/** How long first pings wait for a broadcast that is under way, ms. */
const HOLD_PINGS_MS = 400;
/**
 * Most refused connections (no token, an unknown one, or too many connections) that are told the reason by a close code at
 * once. They take no room from others: beyond this number the refusal is a status before the upgrade.
 */
const TURNED_AWAY_AT_ONCE = 64;
const TURNED_AWAY_PER_ADDRESS = 16;

export interface SocketServerOptions extends OriginRules {
  readonly maxClients: number;
  readonly heartbeatSeconds: number;
  readonly messageLimit?: RateLimitOptions;
}

export interface SocketServerDeps {
  readonly hub: Hub;
  readonly auth: Authenticator;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Whether connections are accepted: the log was read, and the process is not stopping. */
  readonly accepting: () => boolean;
}

/** Why a connection is refused: a close code, and a status for when too many are refused at once. */
interface Refusal {
  readonly code: number;
  readonly reason: "bad-token" | "too-many-connections";
  readonly why: string;
  readonly status: string;
  readonly headers: string;
}

export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #deps: SocketServerDeps;
  readonly #server: WebSocketServer;
  #sweep: NodeJS.Timeout | undefined;
  /** Refused connections that are still closing, in all and by address. */
  #turningAway = 0;
  readonly #turnedAway = new Map<string, number>();
  /** Since when pings wait for a broadcast, as `performance.now()`; null while none is under way. */
  #holdingSince: number | null = null;

  constructor(options: SocketServerOptions, deps: SocketServerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      maxPayload: MAX_PAYLOAD_BYTES,
      // Off: 10,000 clients with compression took 2.3 GB of memory, without it 0.1 GB.
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(WS_SUBPROTOCOL) ? WS_SUBPROTOCOL : false),
    });
    deps.metrics.ws.clients.set({}, 0);
  }

  start(): void {
    this.#sweep = setInterval(() => void this.#judgeAll(), SWEEP_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#deps.hub.stop();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** For the HTTP server's `upgrade` event. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const { headers } = request;
    if ((request.url ?? "").split("?")[0] !== "/ws") {
      refuse(socket, "404 Not Found", "no socket there");
      return;
    }
    if (!hostAllowed(headers.host, this.#options)) {
      refuse(socket, "421 Misdirected Request", "host-not-allowed: name it in server.allowedHosts");
      return;
    }
    if (!originAllowed(headers.origin, headers.host, this.#options)) {
      refuse(socket, "403 Forbidden", "origin-not-allowed: name it in server.allowedOrigins");
      return;
    }
    if (!this.#deps.accepting()) {
      refuse(socket, "503 Service Unavailable", "not-ready", "Retry-After: 1\r\n");
      return;
    }
    const refusal = this.#refusalOf(headers);
    if (refusal === null) {
      this.#server.handleUpgrade(request, socket, head, (ws) => this.#take(ws));
      return;
    }
    const address = request.socket.remoteAddress ?? "";
    const ofAddress = this.#turnedAway.get(address) ?? 0;
    if (this.#turningAway >= TURNED_AWAY_AT_ONCE || ofAddress >= TURNED_AWAY_PER_ADDRESS) {
      refuse(socket, refusal.status, `${refusal.reason}: ${refusal.why}`, refusal.headers);
      return;
    }
    this.#count(address, 1);
    socket.once("close", () => this.#count(address, -1));
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#turnAway(ws, refusal));
  }

  /** Why a connection is refused, decided from its request alone; null when it is accepted. */
  #refusalOf(headers: IncomingHttpHeaders): Refusal | null {
    const token = bearerToken(headers.authorization) ?? subprotocolToken(headers["sec-websocket-protocol"]);
    if (!this.#deps.auth.grant(token, false).read) {
      const why = token === null ? "a token is needed" : "the token is not known";
      const challenge = 'WWW-Authenticate: Bearer realm="hashfall"\r\n';
      return { code: CLOSE.badToken, reason: "bad-token", why, status: "401 Unauthorized", headers: challenge };
    }
    if (this.#deps.hub.connections.size < this.#options.maxClients) return null;
    return {
      code: CLOSE.tooManyConnections,
      reason: "too-many-connections",
      why: "too many connections; try again later",
      status: "503 Service Unavailable",
      headers: "Retry-After: 5\r\n",
    };
  }

  #count(address: string, change: 1 | -1): void {
    this.#turningAway += change;
    const left = (this.#turnedAway.get(address) ?? 0) + change;
    if (left > 0) this.#turnedAway.set(address, left);
    else this.#turnedAway.delete(address);
  }

  #open(ws: WebSocket): Connection {
    const { hub, metrics } = this.#deps;
    const connection = new Connection(
      ws,
      {
        flow: { ...FLOW_LIMITS, idlePingMs: this.#options.heartbeatSeconds * 1000 },
        messages: this.#options.messageLimit ?? MESSAGE_LIMIT,
        now: performance.now(),
      },
      () => metrics.ws.messages.inc({ direction: "sent" }),
    );
    ws.once("close", (code) => {
      hub.connections.delete(connection);
      metrics.ws.clients.set({}, hub.connections.size);
      metrics.ws.closed.inc({ reason: connection.ended ?? reasonOf(code) });
    });
    return connection;
  }

  #turnAway(ws: WebSocket, { code, reason, why }: Refusal): void {
    const connection = this.#open(ws);
    if (reason === "bad-token") connection.refuse("bad-token", why);
    connection.close(code, reason, why);
  }

  #take(ws: WebSocket): void {
    const { hub, metrics } = this.#deps;
    const connection = this.#open(ws);
    hub.connections.add(connection);
    metrics.ws.clients.set({}, hub.connections.size);
    ws.on("message", (data, isBinary) => this.#onMessage(connection, data, isBinary));
    hub.welcome(connection);
  }

  #onMessage(connection: Connection, data: RawData, isBinary: boolean): void {
    if (!connection.open) return;
    this.#deps.metrics.ws.messages.inc({ direction: "received" });
    if (!connection.messages.take(performance.now())) {
      const { burst, perSecond } = this.#options.messageLimit ?? MESSAGE_LIMIT;
      const why = `at most ${burst} messages at once and ${perSecond} a second`;
      connection.refuse("too-many-messages", why);
      connection.close(CLOSE.tooManyMessages, "too-many-messages", why);
      return;
    }
    if (isBinary) {
      connection.close(CLOSE.unsupported, "protocol", "text frames only");
      return;
    }
    this.#deps.hub.onText(connection, data.toString());
  }

  /** Pings in slices: thousands of pings at once, and their pongs, would delay an alert. */
  async #judgeAll(): Promise<void> {
    let judged = 0;
    let mayAsk = this.#mayAsk(performance.now());
    for (const connection of this.#deps.hub.connections) {
      judged += 1;
      if (judged % SWEEP_SLICE === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        mayAsk = this.#mayAsk(performance.now());
      }
      if (!connection.open) continue;
      const now = performance.now();
      const verdict = connection.flow.judge(now, connection.bufferedBytes, mayAsk);
      if (verdict === "ping") connection.ping(now);
      if (verdict === "slow") connection.close(CLOSE.slow, "slow", "reads too slowly; come back with your cursor");
    }
  }

  /** Whether pings wait. They wait for a broadcast, but not for ever: broadcasts without end must not stop them. */
  #mayAsk(now: number): boolean {
    if (!this.#deps.hub.speaking) {
      this.#holdingSince = null;
      return true;
    }
    this.#holdingSince ??= now;
    return now - this.#holdingSince >= HOLD_PINGS_MS;
  }
}

function refuse(socket: Duplex, status: string, text: string, headers = ""): void {
  const body = `${text}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\n${headers}Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    // A client that keeps its half of the connection open would hold ours open too.
    () => socket.destroy(),
  );
}

/** Why a connection ended that we did not close. */
function reasonOf(code: number): WsCloseReason {
  if (code === 1002 || code === 1003 || code === 1007 || code === 1009) return "protocol";
  return code === 1006 ? "abnormal" : "client";
}
