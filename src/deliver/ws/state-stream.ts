/** Serves the state channels: a new subscriber gets the present state, and all subscribers get changes. */
import { filterKey } from "../filter.ts";
import type { ViewFeed } from "../view-feed.ts";
import type { Broadcaster } from "./broadcast.ts";
import type { NetworkNow, StateChannel, StateFilter } from "./channels/channel.ts";
import { STATE_CHANNELS } from "./channels/registry.ts";
import type { Connection } from "./connection.ts";
import { encodeMessage } from "./encode.ts";

export interface StateStreamDeps {
  /** Names of the networks in the present configuration. */
  readonly networks: () => readonly string[];
  readonly views: ViewFeed;
  readonly broadcaster: Broadcaster;
}

export class StateStream {
  readonly #deps: StateStreamDeps;

  constructor(deps: StateStreamDeps) {
    this.#deps = deps;
    deps.views.listen({
      onView: ({ network }) => this.#onChange("view", network),
      onStatus: ({ network }) => this.#onChange("status", network),
    });
  }

  subscribe(connection: Connection, channel: StateChannel, filter: StateFilter): void {
    connection.subscriptions.states.set(channel.name, { filter, key: filterKey(filter) });
    for (const network of this.#deps.networks()) {
      const frame = frameFor(channel, this.#now(network), filter);
      if (frame !== null) connection.send(frame);
    }
  }

  #now(network: string): NetworkNow {
    const { views } = this.#deps;
    return { network, view: views.current(network), status: views.status(network) };
  }

  /** Sends to all subscribers; a message is encoded once for equal filters. */
  #onChange(change: StateChannel["changesWith"], network: string): void {
    const now = this.#now(network);
    for (const channel of STATE_CHANNELS.filter(({ changesWith }) => changesWith === change)) {
      const frames = new Map<string, Buffer | null>();
      this.#deps.broadcaster.enqueue((connection) => {
        const subscription = connection.subscriptions.states.get(channel.name);
        if (subscription === undefined) return;
        const { key, filter } = subscription;
        let frame = frames.get(key);
        if (frame === undefined) {
          frame = frameFor(channel, now, filter);
          frames.set(key, frame);
        }
        if (frame !== null) connection.send(frame);
      });
    }
  }
}

/** A message as bytes; null when the filter excludes this network, or nothing is known about it. */
function frameFor(channel: StateChannel, now: NetworkNow, filter: StateFilter): Buffer | null {
  if (filter.networks && !filter.networks.includes(now.network)) return null;
  const message = channel.message(now, filter);
  return message === null ? null : encodeMessage(message);
}
