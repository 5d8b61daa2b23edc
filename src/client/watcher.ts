/** What `hashfall watch` shows, apart from the terminal: every event once, over breaks and gaps. */
import type { DeliveredAlert } from "../model/alert.ts";
import { type ClientOptions, HashfallClient, type MessageOf } from "./client.ts";

type StatusMessage = MessageOf<"status">;

export interface WatcherOutput {
  /** An event that was not shown before. */
  alert(alert: DeliveredAlert): void;
  /** For a person: connections, gaps, refusals. */
  note(text: string): void;
}

/** Ids whose newest shown revision is remembered; far more than are ever open at once. */
const REMEMBERED = 10_000;

/** A network whose findings are limited, or no longer are; null where nothing is to be said. `warmAt` is data time. */
function stateLine({ network, state, warmAt, why }: StatusMessage, before: string | undefined): string | null {
  if (state === before || (before === undefined && state === "ok")) return null;
  if (state === "ok") return `${network} is watched`;
  const because = why === undefined ? "" : `: ${why}`;
  if (state !== "warming") return `${network} is ${state}${because}`;
  const until = warmAt === undefined ? because : `: detection begins at ${warmAt} if figures keep coming`;
  return `${network} is warming up${until}`;
}

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
  const networks = options.alerts?.networks;
  const states = new Map<string, string>();
  return new Promise((resolve, reject) => {
    let connected = false;
    let said = false;
    const client = new HashfallClient(
      { alerts: {}, status: networks ? { networks } : {}, ...options },
      {
        onAlert: show,
        onSnapshot: (alerts, gap, ended) => {
          if (gap)
            output.note(
              "the server could not go on from our place: what ended since and what is open now follow, the rest is in /api/v1/alerts",
            );
          for (const alert of [...ended, ...alerts]) show(alert);
        },
        onStatus: (status) => {
          const before = states.get(status.network);
          const line = stateLine(status, before);
          states.set(status.network, status.state);
          if (line !== null) output.note(line);
        },
        onError: (code, message, fatal) => {
          if (fatal) reject(new Error(message === "" ? code : message));
          else output.note(`refused: ${message} (${code})`);
        },
        onConnection: (state, detail) => {
          if (state === "open") output.note(`connected to ${options.url}`);
          // Printed once for each break, not for each attempt.
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
