/** What `hashfall watch` shows, apart from the terminal: every event once, over breaks and gaps. */
import type { DeliveredAlert } from "../model/alert.ts";
import { type ClientOptions, HashfallClient } from "./client.ts";

export interface WatcherOutput {
  /** An event that was not shown before. */
  alert(alert: DeliveredAlert): void;
  /** For a person: connections, gaps, refusals. */
  note(text: string): void;
}

/** Ids whose newest shown revision is remembered; far more than are ever open at once. */
const REMEMBERED = 10_000;

/** Follows until the signal fires. Rejects only when coming back would be refused as well. */
export function watchAlerts(
  options: ClientOptions,
  output: WatcherOutput,
  signal: AbortSignal,
): Promise<string | undefined> {
  const shown = new Map<string, number>();
  const show = (alert: DeliveredAlert): void => {
    if (alert.revision <= (shown.get(alert.id) ?? 0)) return;
    shown.set(alert.id, alert.revision);
    for (const oldest of shown.keys()) {
      if (shown.size <= REMEMBERED) break;
      shown.delete(oldest);
    }
    output.alert(alert);
  };
  return new Promise((resolve, reject) => {
    let connected = false;
    let said = false;
    const client = new HashfallClient(
      { alerts: {}, ...options },
      {
        onAlert: show,
        onSnapshot: (alerts, gap) => {
          if (gap)
            output.note(
              "the server could not go on from our place: what is open now follows, the rest is in the history",
            );
          for (const alert of alerts) show(alert);
        },
        onError: (code, message, fatal) => {
          if (fatal) reject(new Error(message === "" ? code : message));
          else output.note(`refused: ${message} (${code})`);
        },
        onConnection: (state, detail) => {
          if (state === "open") output.note(`connected to ${options.url}`);
          // Said once for each break, not for each attempt.
          if (state === "waiting" && (connected || !said)) output.note(`${detail}; trying again`);
          said = true;
          connected = state === "open";
        },
      },
    );
    signal.addEventListener("abort", () => {
      client.close();
      resolve(client.cursor);
    });
    client.open();
  });
}
