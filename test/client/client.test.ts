import { once } from "node:events";
import { WebSocket as StandardSocket } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type ClientHandlers, type ClientOptions, HashfallClient } from "../../src/client/client.ts";
import { type SocketConstructor, subprotocols } from "../../src/client/socket.ts";
import { watchAlerts } from "../../src/client/watcher.ts";
import { alertEvent } from "../deliver/support.ts";
import { servedTime } from "../support/served-time.ts";

/** A server whose every word is the test's. */
class Script {
  readonly server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  readonly #waiting: WebSocket[] = [];
  #wake: () => void = () => {};

  constructor() {
    this.server.on("connection", (socket) => {
      this.#waiting.push(socket);
      this.#wake();
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  static async start(): Promise<Script> {
    const script = new Script();
    await once(script.server, "listening");
    return script;
  }

  /** The next connection, greeted, and what it subscribed to. */
  async next(heartbeatSeconds = 15): Promise<{ socket: WebSocket; asked: Record<string, unknown> }> {
    while (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    const socket = this.#waiting.shift()!;
    const asked = once(socket, "message");
    say(socket, { type: "hello", version: 1, networks: ["bitcoin"], heartbeatSeconds, epoch: "e" });
    const [data] = (await asked) as [Buffer];
    return { socket, asked: JSON.parse(data.toString()) as Record<string, unknown> };
  }
}

const say = (socket: WebSocket, message: object): void => socket.send(JSON.stringify(message));
const alert = (id: string, revision: number, cursor: string) => ({
  type: "alert",
  alert: { ...alertEvent({ id, revision }), cursor },
});
const snapshot = (cursor: string, alerts: object[] = []) => ({ type: "snapshot", channel: "alerts", alerts, cursor });

let script: Script | undefined;
let client: HashfallClient | undefined;
afterEach(() => {
  client?.close();
  script?.server.close();
});

async function open(handlers: ClientHandlers = {}, options: Partial<ClientOptions> = {}): Promise<Script> {
  script = await Script.start();
  client = new HashfallClient({ url: script.url, alerts: {}, maxDelayMs: 5, ...options }, handlers).open();
  return script;
}

describe("a client whose cursor the server does not know", () => {
  it("says so and goes on from a snapshot, as after a gap", async () => {
    const heard: unknown[] = [];
    const server = await open(
      {
        onError: (code, _message, fatal) => heard.push([code, fatal]),
        onSnapshot: (open, gap, ended) => heard.push([open.length, gap, ended.length]),
      },
      { since: "e~99-0" },
    );
    const { socket, asked } = await server.next();
    expect(asked).toMatchObject({ since: "e~99-0" });
    const again = once(socket, "message");
    say(socket, { type: "error", id: "alerts", code: "bad-cursor", message: "since: not a cursor of this server" });
    expect(JSON.parse(String(((await again) as [Buffer])[0]))).not.toHaveProperty("since");
    say(socket, { ...snapshot("e~1-0"), ended: [alertEvent({ id: "a", revision: 2 })] });
    while (heard.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([
      ["bad-cursor", false],
      [0, true, 1],
    ]);
  });

  it("and whose token is refused gives up with a reason, even when the server gives none", async () => {
    const heard: unknown[] = [];
    const server = await open({
      onError: (...said) => heard.push(said),
      onConnection: (state, why) => heard.push([state, why]),
    });
    const { socket } = await server.next();
    socket.close(4401);
    while (heard.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(heard.slice(1)).toEqual([
      ["closed-4401", "the token is missing or not known", true],
      ["closed", "the token is missing or not known"],
    ]);
  });
});

describe("the client", () => {
  it.each([
    ["the ws package", undefined],
    ["the WebSocket of browsers, as Node has it from 22 on", StandardSocket as unknown as SocketConstructor],
  ])("comes back from the newest place it was told, by whichever message, on %s", async (_name, Constructor) => {
    const server = await open({}, Constructor ? { WebSocket: Constructor } : {});
    const first = await server.next();
    expect(first.asked).toEqual({ op: "subscribe", id: "alerts", channel: "alerts" });
    say(first.socket, snapshot("e~1-1"));
    first.socket.close(1001);
    const second = await server.next();
    expect(second.asked.since).toBe("e~1-1");
    say(second.socket, { type: "subscribed", channel: "alerts", recovered: true, cursor: "e~1-1" });
    say(second.socket, alert("a", 1, "e~2-1"));
    second.socket.close(1001);
    const third = await server.next();
    expect(third.asked.since).toBe("e~2-1");
    say(third.socket, { type: "subscribed", channel: "alerts", recovered: true, cursor: "e~2-1" });
    say(third.socket, { type: "heartbeat", at: "2022-01-05T10:50:00Z", cursor: "e~3-1" });
    third.socket.terminate();
    expect((await server.next()).asked.since).toBe("e~3-1");
  });

  it("does not take a heartbeat's place before its own was taken up", async () => {
    const server = await open({}, { since: "e~1-1" });
    const { socket } = await server.next();
    say(socket, { type: "heartbeat", at: "2022-01-05T10:50:00Z", cursor: "e~9-9" });
    socket.close(1001);
    expect((await server.next()).asked.since).toBe("e~1-1");
  });

  it("tells a first picture from one after a gap", async () => {
    const gaps: boolean[] = [];
    const server = await open({ onSnapshot: (_alerts, gap) => void gaps.push(gap) });
    const { socket } = await server.next();
    say(socket, snapshot("e~1-1"));
    socket.close(1001);
    say((await server.next()).socket, snapshot("f~1-1"));
    while (gaps.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(gaps).toEqual([false, true]);
  });

  it("takes a connection that has gone silent for dead", async () => {
    const server = await open();
    await server.next(0.1);
    const from = performance.now();
    const { ms } = await servedTime(() => server.next());
    expect(performance.now() - from).toBeGreaterThan(200);
    expect(ms, "by the heartbeat that hello told, not by what was taken for granted before").toBeLessThan(10_000);
  });

  it.each([4400, 4401])("does not come back after %i", async (code) => {
    const said: unknown[] = [];
    let close = (): void => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const server = await open({
      onError: (...args) => void said.push(args),
      onConnection: (state) => state === "closed" && close(),
    });
    (await server.next()).socket.close(code, "no");
    await closed;
    expect(said).toEqual([[`closed-${code}`, "no", true]]);
    expect(script?.server.clients.size).toBeLessThanOrEqual(1);
  });

  it("offers its token beside the protocol's name, in letters that a header may carry", () => {
    expect(subprotocols(undefined)).toEqual(["hashfall.v1"]);
    const [, offered = ""] = subprotocols("wörter/+ ?");
    expect(offered).toMatch(/^hashfall\.bearer\.[A-Za-z0-9_-]+$/);
    expect(Buffer.from(offered.slice("hashfall.bearer.".length), "base64url").toString()).toBe("wörter/+ ?");
  });
});

describe("watching", () => {
  it("shows every event once, over breaks and gaps, and ends with the place to go on from", async () => {
    script = await Script.start();
    const shown: string[] = [];
    const notes: string[] = [];
    const stop = new AbortController();
    const ended = watchAlerts(
      { url: script.url, maxDelayMs: 5 },
      { alert: ({ id, revision }) => void shown.push(`${id} ${revision}`), note: (text) => void notes.push(text) },
      stop.signal,
    );
    const first = await script.next();
    const a1 = alert("a", 1, "e~1-1").alert;
    say(first.socket, snapshot("e~1-1", [a1]));
    say(first.socket, alert("b", 1, "e~1-2"));
    first.socket.close(1001, "going away");
    const second = await script.next();
    say(second.socket, snapshot("f~1-9", [a1, alert("b", 2, "f~1-8").alert]));
    say(second.socket, alert("b", 3, "f~2-1"));
    while (shown.length < 4) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await ended).toBe("f~2-1");
    expect(shown).toEqual(["a 1", "b 1", "b 2", "b 3"]);
    expect(notes.join("\n")).toMatch(/connected.*going away \(1001\); trying again.*connected.*could not go on/s);
  });

  it("says what a network's findings are worth: how long it warms up, that it is blind, that it is watched again", async () => {
    script = await Script.start();
    const notes: string[] = [];
    const stop = new AbortController();
    const ended = watchAlerts(
      { url: script.url, alerts: { networks: ["bitcoin"] } },
      { alert: () => {}, note: (text) => void notes.push(text) },
      stop.signal,
    );
    const { socket } = await script.next();
    const status = (state: "ok" | "warming" | "blind", more: { warmAt?: string } = {}): void =>
      say(socket, { type: "status", network: "bitcoin", state, ...more });
    status("warming", { warmAt: "2022-01-06T10:00:00.000Z" });
    status("warming", { warmAt: "2022-01-06T10:05:00.000Z" });
    status("ok");
    status("blind");
    status("ok");
    while (notes.length < 5) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await ended;
    expect(notes.slice(1)).toEqual([
      "bitcoin is warming up: detection begins at 2022-01-06T10:00:00.000Z if figures keep coming",
      "bitcoin is watched",
      "bitcoin is blind",
      "bitcoin is watched",
    ]);
  });
});
