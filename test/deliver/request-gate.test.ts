/** Readers that do not read: what they cost is bounded, and nobody else waits for them. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { RequestGate } from "../../src/deliver/http/request-gate.ts";

const MIB = 1024 * 1024;
const LIMITS = { pipelined: 8, working: 4, unreadPerAddress: 24 * MIB, unread: 24 * MIB };
/** More than the kernel takes for a reader that has stopped. */
const BIG = Buffer.alloc(16 * MIB, "x");

let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: ConstructorParameters<typeof RequestGate>[0]): Promise<RequestGate> {
  const gate = new RequestGate(listener, LIMITS);
  server = createServer((request, response) => gate.onRequest(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return gate;
}

/** A client that asks the same so many times without waiting for an answer. */
function ask(times: number, path = "/"): Socket {
  const { port } = (server as Server).address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(times));
  sockets.push(socket);
  return socket;
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("requests that are pipelined", () => {
  it("are answered in order, one at a time", async () => {
    let under = 0;
    let most = 0;
    let count = 0;
    await serve(async (_request, response) => {
      under += 1;
      most = Math.max(most, under);
      await turn();
      under -= 1;
      count += 1;
      response.end(`answer ${count};`);
    });
    const socket = ask(6);
    let text = "";
    socket.on("data", (data) => {
      text += data.toString();
    });
    while (!text.includes("answer 6;")) await once(socket, "data");
    expect(text.match(/answer \d/g)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `answer ${n}`));
    expect(most).toBe(1);
  });

  it("end their connection when there are too many", async () => {
    let begun = 0;
    await serve(() => {
      begun += 1;
    });
    const socket = ask(2 + LIMITS.pipelined);
    await once(socket, "close");
    expect(begun).toBe(1);
  });
});

describe("requests of many connections", () => {
  it("wait for a free hand, and all are answered", async () => {
    let under = 0;
    let most = 0;
    await serve(async (_request, response) => {
      under += 1;
      most = Math.max(most, under);
      await turn();
      under -= 1;
      response.end("done");
    });
    const all = Array.from({ length: 20 }, () => ask(1));
    await Promise.all(all.map((socket) => once(socket, "data")));
    expect(most).toBe(LIMITS.working);
  });

  it("that end before their turn take nobody's place", async () => {
    const held: (() => void)[] = [];
    await serve((request, response) => {
      if (request.url === "/hold") held.push(() => response.end("held"));
      else response.end("free");
    });
    const holding = Array.from({ length: LIMITS.working }, () => ask(1, "/hold"));
    while (held.length < LIMITS.working) await turn();
    const leaving = ask(1);
    await once(leaving, "connect");
    leaving.destroy();
    for (const socket of holding.slice(0, 2)) socket.destroy();
    const [answer] = (await once(ask(1), "data")) as [Buffer];
    expect(answer.toString()).toContain("free");
    for (const release of held) release();
  });
});

describe("answers that nobody reads", () => {
  it("are cut, the oldest first, and those who read lose nothing", async () => {
    const gate = await serve((_request, response) => void response.end(BIG));
    const cut = new Promise((resolve) => server?.once("connection", (socket) => socket.once("close", resolve)));
    for (let i = 0; i < 3; i += 1) {
      const socket = ask(1);
      socket.pause();
      await once(socket, "connect");
    }
    await cut;
    expect(gate.unreadBytes).toBeLessThanOrEqual(LIMITS.unread);
    const reading = ask(1);
    let read = 0;
    reading.on("data", (data) => {
      read += data.length;
    });
    while (read < BIG.length) await once(reading, "data");
  });
});
