/** A subscriber that keeps its cursor over every break, and everything it was ever sent. */
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import type { DeliveredAlert } from "../../src/model/alert.ts";

export interface AlertTape {
  /** Events in the order of their arrival, after the first snapshot. */
  readonly events: readonly DeliveredAlert[];
  /** Subscriptions that the server answered with `recovered: false` after the first one. */
  readonly gaps: number;
  readonly connects: number;
  cursor(): string | undefined;
  /** Resolves when an event satisfies the test, also one that came before. */
  heard(test: (alert: DeliveredAlert) => boolean): Promise<DeliveredAlert>;
  stop(): void;
}

/** Follows `ws://host:port/ws`; a broken connection is opened again every 50 ms with `since`. */
export function followAlerts(url: string, from?: string): AlertTape {
  const events: DeliveredAlert[] = [];
  const listeners = new Set<() => void>();
  let cursor = from;
  let stopped = false;
  let gaps = 0;
  let connects = 0;
  let socket: WebSocket | undefined;

  const take = (text: string): void => {
    const message = JSON.parse(text) as {
      type: string;
      channel?: string;
      recovered?: boolean;
      cursor?: string;
      alert?: DeliveredAlert;
    };
    if (message.type === "subscribed" && message.channel === "alerts") {
      if (cursor !== undefined && message.recovered === false) gaps++;
      // With `recovered` the place is ours until the missed events have come.
      if (message.recovered !== true && message.cursor !== undefined) cursor = message.cursor;
    } else if (message.type === "snapshot" && message.cursor !== undefined) {
      cursor = message.cursor;
    } else if (message.type === "alert" && message.alert !== undefined) {
      events.push(message.alert);
      cursor = message.alert.cursor;
      for (const listener of listeners) listener();
    } else if (message.type === "heartbeat" && message.cursor !== undefined) {
      cursor = message.cursor;
    }
  };

  const once = (): Promise<void> =>
    new Promise((resolve) => {
      socket = new WebSocket(url);
      socket.on("open", () => {
        connects++;
        socket?.send(
          JSON.stringify({ op: "subscribe", id: connects, channel: "alerts", ...(cursor ? { since: cursor } : {}) }),
        );
      });
      socket.on("message", (data) => take(String(data)));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve());
    });

  void (async () => {
    while (!stopped) {
      await once();
      await delay(50);
    }
  })();

  return {
    events,
    get gaps() {
      return gaps;
    },
    get connects() {
      return connects;
    },
    cursor: () => cursor,
    heard(test) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(test);
          if (found === undefined) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      });
    },
    stop() {
      stopped = true;
      socket?.terminate();
    },
  };
}
