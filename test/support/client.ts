/** Short ways to ask a running service, for the proofs under test/ops. */
import { WebSocket } from "ws";

/** Status of a path; 0 when nobody answers. */
export async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** The value of a metric without labels, or with exactly these; undefined when it is absent. */
export async function metricOf(url: string, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

export interface Listening {
  /** Everything the server said, in order, with the time it came. */
  readonly said: readonly { readonly at: number; readonly message: Record<string, unknown> }[];
  /** Close code, once closed. */
  readonly closed: Promise<number>;
  close(): void;
}

/** One connection, subscribed to a channel; not opened again. */
export async function listen(url: string, channel: "alerts" | "regions" | "status"): Promise<Listening> {
  const said: { at: number; message: Record<string, unknown> }[] = [];
  const socket = new WebSocket(url);
  socket.on("message", (data) => said.push({ at: Date.now(), message: JSON.parse(String(data)) }));
  socket.on("error", () => undefined);
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.send(JSON.stringify({ op: "subscribe", id: 1, channel }));
  return { said, closed, close: () => socket.terminate() };
}
