/** Sends everything that WebSocket clients receive: answers to their requests, and events. */
import type { NetworkConfig } from "../../config/resolve/resolved.ts";
import { isoTime } from "../../model/tick.ts";
import type { AlertFeed } from "../alert-feed.ts";
import { unknownName } from "../known-names.ts";
import type { ViewFeed } from "../view-feed.ts";
import { AlertStream, type AlertStreamDeps } from "./alert-stream.ts";
import { Broadcaster } from "./broadcast.ts";
import { STATE_CHANNELS } from "./channels/registry.ts";
import type { Connection } from "./connection.ts";
import { encodeMessage } from "./encode.ts";
import { parseClientMessage } from "./parse.ts";
import { CLOSE, PROTOCOL_VERSION, type ServerMessage, type Subscribe, type Unsubscribe } from "./protocol.ts";
import { StateStream } from "./state-stream.ts";

export interface HubDeps extends Omit<AlertStreamDeps, "broadcaster"> {
  readonly networks: () => readonly NetworkConfig[];
  readonly feed: AlertFeed;
  readonly views: ViewFeed;
  readonly heartbeatSeconds: number;
}

export class Hub {
  readonly connections = new Set<Connection>();
  readonly #deps: HubDeps;
  readonly #broadcaster = new Broadcaster(this.connections);
  readonly #alerts: AlertStream;
  readonly #states: StateStream;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(deps: HubDeps) {
    this.#deps = deps;
    this.#alerts = new AlertStream({ ...deps, broadcaster: this.#broadcaster });
    this.#states = new StateStream({
      networks: () => this.#networks(),
      views: deps.views,
      broadcaster: this.#broadcaster,
    });
    deps.feed.listen({ onEvent: () => {}, onNewEpoch: () => this.#onNewEpoch() });
  }

  /** Whether a broadcast is under way. */
  get speaking(): boolean {
    return this.#broadcaster.busy;
  }

  start(): void {
    this.#heartbeat = setInterval(() => this.#beat(), this.#deps.heartbeatSeconds * 1000);
  }

  /** Stops: sends what is left, tells each client its last cursor, and closes all connections. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#beat();
    await this.#broadcaster.idle();
    for (const connection of this.connections) connection.close(CLOSE.goingAway, "going-away", "going away");
  }

  welcome(connection: Connection): void {
    connection.say({
      type: "hello",
      version: PROTOCOL_VERSION,
      networks: this.#networks(),
      heartbeatSeconds: this.#deps.heartbeatSeconds,
      epoch: this.#alerts.openAlerts().epoch,
    });
  }

  onText(connection: Connection, text: string): void {
    const parsed = parseClientMessage(text);
    if (!parsed.ok) {
      connection.refuse(parsed.code, parsed.message, parsed.id);
      if (parsed.fatal) connection.close(CLOSE.badMessage, "bad-message", parsed.message);
      return;
    }
    const { message } = parsed;
    const id = message.id === undefined ? {} : { id: message.id };
    if (message.op === "ping") {
      connection.say({ type: "pong", ...id });
      return;
    }
    if (message.op === "subscribe") {
      this.#subscribe(connection, message);
      return;
    }
    this.#unsubscribe(connection, message);
  }

  #networks(): string[] {
    return this.#deps.networks().map(({ name }) => name);
  }

  /** Subscribes a connection. It has one subscription per channel; a new one replaces it. */
  #subscribe(connection: Connection, request: Subscribe): void {
    const { channel, id, networks, regions } = request;
    const unknown = unknownName({ networks, regions }, this.#deps.networks());
    if (unknown !== null && unknown.code !== "unknown-pool") {
      connection.refuse(unknown.code, unknown.why, id);
      return;
    }
    const state = STATE_CHANNELS.find(({ name }) => name === channel);
    if (state === undefined) {
      this.#alerts.subscribe(connection, request);
      return;
    }
    connection.say({ type: "subscribed", ...(id === undefined ? {} : { id }), channel, recovered: false });
    this.#states.subscribe(connection, state, { ...(networks ? { networks } : {}), ...(regions ? { regions } : {}) });
  }

  #unsubscribe(connection: Connection, { channel, id }: Unsubscribe): void {
    if (connection.unsubscribe(channel))
      connection.say({ type: "unsubscribed", ...(id === undefined ? {} : { id }), channel });
    else connection.refuse("not-subscribed", `there is no subscription to ${channel}`, id);
  }

  /** The log began a new epoch: old cursors are invalid, and a new hello says so. */
  #onNewEpoch(): void {
    for (const connection of this.connections)
      connection.close(CLOSE.goingAway, "going-away", "the alert log began a new epoch");
  }

  #beat(): void {
    const { openAlerts } = this.#deps.feed;
    if (!openAlerts) return;
    const at = isoTime(Date.now());
    const { seq } = openAlerts;
    // A client that has just reconnected is about to send its cursor. A newer one must not reach it before.
    const settled = performance.now() - this.#deps.heartbeatSeconds * 1000;
    const heartbeat: ServerMessage = { type: "heartbeat", at, cursor: openAlerts.cursor };
    const frame = encodeMessage(heartbeat);
    this.#broadcaster.enqueue((connection) => {
      const sub = connection.subscriptions.alerts;
      if (sub && !sub.live) connection.say({ type: "heartbeat", at, cursor: sub.cursor });
      else if (sub ? !sub.isAheadOf(seq) : connection.since < settled) connection.send(frame);
    });
  }
}
