/** Serves the channel `alerts`: a snapshot of the open alerts, or a replay from a client's cursor, then every event. */
import type { Logger } from "pino";
import type { DeliveredAlert } from "../../model/alert.ts";
import { parseCursor } from "../../model/cursor.ts";
import { messageOf } from "../../model/errors.ts";
import type { AlertLog, AlertStore } from "../../store/contract.ts";
import type { AlertFeed } from "../alert-feed.ts";
import { everMatched, facetOf } from "../filter.ts";
import type { OpenAlerts, PlacedEvent } from "../open-alerts.ts";
import { within } from "../within.ts";
import { AlertSubscription } from "./alert-subscription.ts";
import type { Broadcaster } from "./broadcast.ts";
import { alerts as channel } from "./channels/alerts.ts";
import type { Connection } from "./connection.ts";
import { encodeMessage } from "./encode.ts";
import type { Subscribe } from "./protocol.ts";
import { Replay } from "./replay.ts";

export interface AlertStreamDeps {
  readonly feed: AlertFeed;
  readonly alertLog: AlertLog;
  readonly alerts: AlertStore;
  readonly broadcaster: Broadcaster;
  readonly logger: Logger;
}

/** Most ended alerts that are named after a gap, newest first. */
const MOST_ENDED = 200;
/** How long the store may take to look them up, ms. Later the snapshot goes out without them. */
const ENDED_MS = 4000;

/** The `id` of a request, which its answer repeats. */
type RequestId = string | number | undefined;

export class AlertStream {
  readonly #deps: AlertStreamDeps;
  /** Snapshots of the open alerts by filter, because many clients that reconnect at once ask for the same. */
  #snapshots: { seq: number; openAlerts: OpenAlerts; frames: Map<string, Buffer> } | null = null;

  constructor(deps: AlertStreamDeps) {
    this.#deps = deps;
    deps.feed.listen({ onEvent: (event) => this.#onEvent(event), onNewEpoch: () => {} });
  }

  /** The open alerts now. No connection is accepted before the log was read. */
  openAlerts(): OpenAlerts {
    const { openAlerts } = this.#deps.feed;
    if (!openAlerts) throw new Error("connections are taken only after the log was read");
    return openAlerts;
  }

  subscribe(connection: Connection, request: Subscribe): void {
    const { since, id } = request;
    const place = since === undefined ? null : parseCursor(since);
    if (since !== undefined && !place) {
      connection.refuse("bad-cursor", "since: not a cursor of this server", id);
      return;
    }
    connection.subscriptions.alerts?.cancel();
    const openAlerts = this.openAlerts();
    const sub = new AlertSubscription(channel.filterOf(request), since ?? openAlerts.cursor);
    connection.subscriptions.alerts = sub;
    if (since === undefined) this.#startFresh(connection, sub, id);
    else if (place?.epoch !== openAlerts.epoch) void this.#startAfterGap(connection, sub, since, id);
    else void this.#resume(connection, sub, since, id);
  }

  async #resume(connection: Connection, sub: AlertSubscription, since: string, id: RequestId): Promise<void> {
    const replay = new Replay({ ...this.#deps, openAlerts: () => this.openAlerts() });
    try {
      const end = await replay.run(connection, sub, () => subscribed(connection, id, true, since));
      if (end !== "lost") return;
    } catch (error) {
      this.#deps.logger.warn({ why: messageOf(error) }, "a client's place cannot be replayed; it begins anew");
    }
    await this.#startAfterGap(connection, sub, since, id);
  }

  /** A snapshot that also names what ended since the client's cursor, because the client may still hold it as open. */
  async #startAfterGap(connection: Connection, sub: AlertSubscription, since: string, id: RequestId): Promise<void> {
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
    id: RequestId,
    ended: readonly DeliveredAlert[] = [],
  ): void {
    const openAlerts = this.openAlerts();
    const { cursor, seq } = openAlerts;
    subscribed(connection, id, false, cursor);
    connection.send(
      ended.length === 0
        ? this.#snapshot(openAlerts, sub)
        : encodeMessage(channel.snapshot(cursor, openAlerts.snapshot(sub.filter), ended)),
    );
    sub.replayed(cursor);
    sub.goLive(seq, cursor);
  }

  #snapshot(openAlerts: OpenAlerts, { key, filter }: AlertSubscription): Buffer {
    if (this.#snapshots?.openAlerts !== openAlerts || this.#snapshots.seq !== openAlerts.seq)
      this.#snapshots = { openAlerts, seq: openAlerts.seq, frames: new Map() };
    const { frames } = this.#snapshots;
    const known = frames.get(key);
    if (known) return known;
    const frame = encodeMessage(channel.snapshot(openAlerts.cursor, openAlerts.snapshot(filter)));
    frames.set(key, frame);
    return frame;
  }

  #onEvent(live: PlacedEvent): void {
    const frame = encodeMessage(channel.event(live.event));
    const answers = new Map<string, boolean>();
    this.#deps.broadcaster.enqueue((connection) => {
      const sub = connection.subscriptions.alerts;
      if (!sub?.takes(live)) return;
      const wanted = answers.get(sub.key) ?? everMatched(sub.filter, live.facets);
      answers.set(sub.key, wanted);
      if (wanted) connection.send(frame);
    });
  }
}

function subscribed(connection: Connection, id: RequestId, recovered: boolean, cursor: string): void {
  connection.say({
    type: "subscribed",
    ...(id === undefined ? {} : { id }),
    channel: channel.name,
    recovered,
    cursor,
  });
}
