/** Replays the log to a reconnected client from its cursor to the present, no faster than the client reads. */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { DeliveredAlert } from "../../model/alert.ts";
import { messageOf } from "../../model/errors.ts";
import type { AlertLog, AlertStore } from "../../store/contract.ts";
import { isAtOrAfter } from "../alert-feed.ts";
import { everMatched, type Facet, facetOf, letsAllThrough, withFacet } from "../filter.ts";
import type { OpenAlerts } from "../open-alerts.ts";
import { within } from "../within.ts";
import type { AlertSubscription } from "./alert-subscription.ts";
import { alerts as channel } from "./channels/alerts.ts";
import type { Connection } from "./connection.ts";
import { encodeMessage } from "./encode.ts";

const PAGE = 100;
/** With more unread bytes than this the next page waits until the client has read. */
const UNREAD_BYTES = 262_144;
const RETRY_MS = 500;
const MAX_RETRY_MS = 8000;
/** Number of errors in a row after which a read is given up. While Redis loads or fails over it answers with errors. */
const MAX_REFUSALS = 6;
const ANSWER_MS = 4000;

export interface ReplayDeps {
  readonly alertLog: AlertLog;
  readonly alerts: AlertStore;
  readonly logger: Logger;
  /** The open alerts now. Another object means another epoch. */
  readonly openAlerts: () => OpenAlerts;
}

/**
 * `live`: everything was sent and the subscription is live. `lost`: the log does not reach back to the cursor, or began a new
 * epoch. `cancelled`: the subscription ended.
 */
export type ReplayEnd = "live" | "lost" | "cancelled";

export class Replay {
  readonly #deps: ReplayDeps;
  /** Facets of the alerts read so far, for sticky filters. */
  readonly #facets = new Map<string, readonly Facet[]>();

  constructor(deps: ReplayDeps) {
    this.#deps = deps;
  }

  /** @param onRecovered called once, before the first event, when the log reaches back to the subscription's cursor */
  async run(connection: Connection, sub: AlertSubscription, onRecovered: () => void): Promise<ReplayEnd> {
    const { epoch } = this.#deps.openAlerts();
    if (!isAtOrAfter(this.#deps.openAlerts().cursor, sub.cursor)) {
      const tail = await this.#retrying(sub, () => this.#deps.alertLog.tail());
      if (tail === null) return "cancelled";
      // The cursor is beyond the end: the log was rolled back, or the cursor was made up. Waiting there would miss events.
      if (!isAtOrAfter(tail, sub.cursor)) return "lost";
    }
    for (let first = true; ; first = false) {
      await this.#untilRead(connection, sub);
      const page = await this.#retrying(sub, () => this.#deps.alertLog.after(sub.cursor, PAGE));
      if (page === null) return "cancelled";
      if (!page.recovered || this.#deps.openAlerts().epoch !== epoch) return "lost";
      if (first) onRecovered();
      for (const event of page.items) {
        // The follower has not read these yet and will send them itself.
        if (!isAtOrAfter(this.#deps.openAlerts().cursor, event.cursor)) break;
        if (await this.#wanted(sub, event)) connection.send(encodeMessage(channel.event(event)));
        if (sub.cancelled) return "cancelled";
        sub.replayed(event.cursor);
      }
      const openAlerts = this.#deps.openAlerts();
      if (openAlerts.epoch !== epoch) return "lost";
      if (isAtOrAfter(sub.cursor, openAlerts.cursor)) {
        sub.goLive(openAlerts.seq, openAlerts.cursor);
        return "live";
      }
      if (page.items.length === 0) return "lost";
    }
  }

  async #untilRead(connection: Connection, sub: AlertSubscription): Promise<void> {
    while (connection.flow.unreadBytes > UNREAD_BYTES && !sub.cancelled) {
      connection.ping(performance.now());
      await connection.flow.proof();
    }
  }

  async #wanted(sub: AlertSubscription, event: DeliveredAlert): Promise<boolean> {
    if (letsAllThrough(sub.filter)) return true;
    const before = this.#facets.get(event.id) ?? (await this.#shownBefore(sub, event));
    const facets = withFacet(before, facetOf(event));
    this.#facets.set(event.id, facets);
    return everMatched(sub.filter, facets);
  }

  /** Facets of an alert before its first event after the cursor. */
  async #shownBefore(sub: AlertSubscription, event: DeliveredAlert): Promise<readonly Facet[]> {
    if (event.revision === 1) return [];
    const history = await this.#retrying(sub, () => this.#deps.alerts.get(event.id));
    const earlier = (history?.events ?? []).filter((other) => other.revision < event.revision);
    return earlier.reduce<readonly Facet[]>((facets, other) => withFacet(facets, facetOf(other)), []);
  }

  /**
   * Reads with retries: while Redis is away the client keeps its position. Null when the client left meanwhile. After
   * MAX_REFUSALS errors in a row the last one is thrown, and the client starts from a snapshot.
   */
  async #retrying<T>(sub: AlertSubscription, ask: () => Promise<T>): Promise<T | null> {
    let refusals = 0;
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, MAX_RETRY_MS)) {
      if (sub.cancelled) return null;
      try {
        const answer = await within(ANSWER_MS, ask);
        return sub.cancelled ? null : answer;
      } catch (error) {
        if (error instanceof Error && error.name === "ReplyError" && ++refusals >= MAX_REFUSALS) throw error;
        this.#deps.logger.debug({ why: messageOf(error) }, "a client's replay waits for the store");
        // Random waits, so that a thousand waiting clients do not ask at the same moment.
        await delay(waitMs * (0.5 + Math.random()));
      }
    }
  }
}
