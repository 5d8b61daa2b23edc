/** Everything that is said to WebSocket clients: answers to what they ask, and what happens. */
import type { Logger } from "pino";
import type { NetworkConfig } from "../../config/resolve/resolved.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import type { DeliveredAlert } from "../../model/alert.ts";
import { parseCursor } from "../../model/cursor.ts";
import { messageOf } from "../../model/errors.ts";
import { isoTime } from "../../model/tick.ts";
import type { AlertLog, AlertStore } from "../../store/contract.ts";
import type { AlertFeed } from "../alert-feed.ts";
import type { AlertBoard, BoardEvent } from "../board.ts";
import { type AlertFilter, everMatched, facetOf } from "../filter.ts";
import { unknownName } from "../known-names.ts";
import type { ViewFeed } from "../view-feed.ts";
import { within } from "../within.ts";
import { AlertSubscription } from "./alert-subscription.ts";
import { Broadcaster } from "./broadcast.ts";
import type { Connection } from "./connection.ts";
import { frameOf } from "./frame.ts";
import { parseClientMessage } from "./parse.ts";
import { CLOSE, PROTOCOL_VERSION, type Subscribe } from "./protocol.ts";
import { Replay } from "./replay.ts";
import { RegionFrames, statusFrame, type ViewFilter, wantsNetwork } from "./view-frames.ts";

export interface HubDeps {
  readonly networks: () => readonly NetworkConfig[];
  readonly feed: AlertFeed;
  readonly views: ViewFeed;
  readonly alertLog: AlertLog;
  readonly alerts: AlertStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly heartbeatSeconds: number;
}

/** Alerts that ended in a gap and are named, the newest of them; and how long the store may take to say which. */
const MOST_ENDED = 200;
const ENDED_MS = 4000;

export class Hub {
  readonly connections = new Set<Connection>();
  readonly #deps: HubDeps;
  readonly #broadcaster = new Broadcaster(this.connections);
  /** Snapshots of the board as it stands, by filter: a crowd that comes back asks for the same. */
  #snapshots: { seq: number; board: AlertBoard; frames: Map<string, Buffer> } | null = null;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(deps: HubDeps) {
    this.#deps = deps;
    deps.feed.listen({ onEvent: (event) => this.#onEvent(event), onBoard: () => this.#onBoard() });
    deps.views.listen({
      onView: (view) => {
        const frames = new RegionFrames(view);
        this.#toSubscribers("regions", (filter) => frames.frame(filter));
      },
      onStatus: (status) => {
        const frame = statusFrame(status);
        this.#toSubscribers("status", (filter) => (wantsNetwork(filter, status.network) ? frame : null));
      },
    });
  }

  /** Whether something is being said to many. */
  get speaking(): boolean {
    return this.#broadcaster.busy;
  }

  start(): void {
    this.#heartbeat = setInterval(() => this.#beat(), this.#deps.heartbeatSeconds * 1000);
  }

  /** Everything that happened is handed over, each client is told its last place, and all are sent away. */
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
      networks: this.#deps.networks().map(({ name }) => name),
      heartbeatSeconds: this.#deps.heartbeatSeconds,
      epoch: this.#board().epoch,
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
    const { channel } = message;
    if (!connection.subscriptions[channel]) {
      connection.refuse("not-subscribed", `there is no subscription to ${channel}`, message.id);
      return;
    }
    if (channel === "alerts") connection.subscriptions.alerts?.cancel();
    delete connection.subscriptions[channel];
    connection.say({ type: "unsubscribed", ...id, channel });
  }

  #board(): AlertBoard {
    const { board } = this.#deps.feed;
    if (!board) throw new Error("connections are taken only after the log was read");
    return board;
  }

  /** A channel holds one subscription; another one takes its place. */
  #subscribe(connection: Connection, message: Subscribe): void {
    const unknown = unknownName({ networks: message.networks, regions: message.regions }, this.#deps.networks());
    if (unknown !== null && unknown.code !== "unknown-pool") {
      connection.refuse(unknown.code, unknown.why, message.id);
      return;
    }
    if (message.channel === "alerts") {
      this.#subscribeAlerts(connection, message);
      return;
    }
    const { channel, networks, regions } = message;
    const filter: ViewFilter = { ...(networks ? { networks } : {}), ...(regions ? { regions } : {}) };
    connection.subscriptions[channel] = filter;
    const id = message.id === undefined ? {} : { id: message.id };
    connection.say({ type: "subscribed", ...id, channel, recovered: false });
    const wanted = this.#deps.networks().map(({ name }) => name);
    for (const network of wanted.filter((name) => wantsNetwork(filter, name))) {
      const view = this.#deps.views.current(network);
      if (channel === "status") connection.send(statusFrame(this.#deps.views.status(network)));
      else if (view) connection.send(new RegionFrames(view).frame(filter) ?? Buffer.alloc(0));
    }
  }

  #subscribeAlerts(connection: Connection, message: Subscribe): void {
    const { networks, regions, scopes, minSeverity, since } = message;
    const filter: AlertFilter = {
      ...(networks ? { networks } : {}),
      ...(regions ? { regions } : {}),
      ...(scopes ? { scopes } : {}),
      ...(minSeverity ? { minSeverity } : {}),
    };
    const place = since === undefined ? null : parseCursor(since);
    if (since !== undefined && !place) {
      connection.refuse("bad-cursor", "since: not a cursor of this server", message.id);
      return;
    }
    connection.subscriptions.alerts?.cancel();
    const board = this.#board();
    const sub = new AlertSubscription(filter, since ?? board.cursor);
    connection.subscriptions.alerts = sub;
    if (since === undefined) {
      this.#startFresh(connection, sub, message.id);
      return;
    }
    if (place?.epoch !== board.epoch) {
      void this.#startAfterGap(connection, sub, since, message.id);
      return;
    }
    void this.#resume(connection, sub, since, message.id);
  }

  async #resume(connection: Connection, sub: AlertSubscription, since: string, id?: string | number): Promise<void> {
    const replay = new Replay({ ...this.#deps, board: () => this.#board() });
    const said = id === undefined ? {} : { id };
    try {
      const end = await replay.run(connection, sub, () =>
        connection.say({ type: "subscribed", ...said, channel: "alerts", recovered: true, cursor: since }),
      );
      if (end !== "lost") return;
    } catch (error) {
      this.#deps.logger.warn({ why: messageOf(error) }, "a client's place cannot be replayed; it begins anew");
    }
    await this.#startAfterGap(connection, sub, since, id);
  }

  /** A snapshot that also names what ended since the client's place: it may hold it as open. */
  async #startAfterGap(
    connection: Connection,
    sub: AlertSubscription,
    since: string,
    id?: string | number,
  ): Promise<void> {
    const gone = Number(parseCursor(since)?.id.split("-")[0] ?? 0);
    let ended: readonly DeliveredAlert[] = [];
    try {
      const resolved = await within(ENDED_MS, () => this.#deps.alerts.list({ state: "resolved", limit: MOST_ENDED }));
      ended = resolved.items
        .map(({ latest }) => latest)
        .filter(
          (event) =>
            Date.parse(event.latency?.publishedAt ?? event.at) > gone && everMatched(sub.filter, [facetOf(event)]),
        )
        .reverse();
    } catch (error) {
      this.#deps.logger.warn({ why: messageOf(error) }, "what ended in a client's gap could not be read");
    }
    if (!sub.cancelled) this.#startFresh(connection, sub, id, ended);
  }

  #startFresh(
    connection: Connection,
    sub: AlertSubscription,
    id?: string | number,
    ended: readonly DeliveredAlert[] = [],
  ): void {
    const board = this.#board();
    const { cursor, seq } = board;
    const said = id === undefined ? {} : { id };
    connection.say({ type: "subscribed", ...said, channel: "alerts", recovered: false, cursor });
    if (ended.length === 0) connection.send(this.#snapshot(board, sub));
    else
      connection.say({
        type: "snapshot",
        channel: "alerts",
        alerts: board.snapshot(sub.filter),
        ended: [...ended],
        cursor,
      });
    sub.replayed(cursor);
    sub.goLive(seq, cursor);
  }

  #snapshot(board: AlertBoard, { key, filter }: AlertSubscription): Buffer {
    if (this.#snapshots?.board !== board || this.#snapshots.seq !== board.seq)
      this.#snapshots = { board, seq: board.seq, frames: new Map() };
    const { frames } = this.#snapshots;
    const known = frames.get(key);
    if (known) return known;
    const alerts = board.snapshot(filter);
    const frame = frameOf({ type: "snapshot", channel: "alerts", alerts, cursor: board.cursor });
    frames.set(key, frame);
    return frame;
  }

  #onEvent(live: BoardEvent): void {
    const frame = frameOf({ type: "alert", alert: live.event });
    const answers = new Map<string, boolean>();
    this.#broadcaster.enqueue((connection) => {
      const sub = connection.subscriptions.alerts;
      if (!sub?.takes(live)) return;
      const wanted = answers.get(sub.key) ?? everMatched(sub.filter, live.facets);
      answers.set(sub.key, wanted);
      if (wanted) connection.send(frame);
    });
  }

  /** The log began anew: cursors of the old epoch end, and a new hello says so. */
  #onBoard(): void {
    for (const connection of this.connections)
      connection.close(CLOSE.goingAway, "going-away", "the alert log began a new epoch");
  }

  #beat(): void {
    const { board } = this.#deps.feed;
    if (!board) return;
    const at = isoTime(Date.now());
    const { seq } = board;
    // Whoever has just come back is about to say its place; a newer one must not reach it before.
    const settled = performance.now() - this.#deps.heartbeatSeconds * 1000;
    const frame = frameOf({ type: "heartbeat", at, cursor: board.cursor });
    this.#broadcaster.enqueue((connection) => {
      const sub = connection.subscriptions.alerts;
      if (sub && !sub.live) connection.say({ type: "heartbeat", at, cursor: sub.cursor });
      else if (sub ? !sub.isAheadOf(seq) : connection.since < settled) connection.send(frame);
    });
  }

  #toSubscribers(channel: "regions" | "status", frameFor: (filter: ViewFilter) => Buffer | null): void {
    this.#broadcaster.enqueue((connection) => {
      const filter = connection.subscriptions[channel];
      const frame = filter ? frameFor(filter) : null;
      if (frame) connection.send(frame);
    });
  }
}
