/** Slow and silent connections leave room for whoever has something to ask. */
import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { CONNECTION_LIMITS } from "../../src/deliver/http/connection-budget.ts";
import { openServer } from "../../src/deliver/server.ts";

const sockets: Socket[] = [];
const closers: (() => void)[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const close of closers.splice(0)) close();
});

async function serve(maxSockets: number): Promise<number> {
  const server = openServer((_, response) => response.end("here"), { basePath: "", maxSockets });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function open(port: number, text: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  sockets.push(socket);
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

async function answer(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(10_000) });
  await response.text();
  return response.status;
}

const MORE = CONNECTION_LIMITS.waitingPerAddress + 200;

describe("a crowd from one address that takes every connection there is", () => {
  it.each([
    ["sends nothing", ""],
    ["sends its headers a byte at a time", "GET / HTTP/1.1\r\nHost: a\r\nX-a: "],
    ["sends a body that never comes", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"],
    ["keeps its connections after an answer", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ])(
    "and %s is not in the way of others",
    async (_, text) => {
      const port = await serve(CONNECTION_LIMITS.waitingPerAddress + 64);
      let gone = 0;
      for (let n = 0; n < MORE; n++) {
        const socket = await open(port, text);
        socket.on("data", () => undefined).on("close", () => gone++);
      }
      await expect.poll(() => gone).toBeGreaterThanOrEqual(200);
      expect(await answer(port)).toBe(200);
    },
    30_000,
  );
});

it("a connection that is being answered is never given up for others", async () => {
  let finish: () => void = () => undefined;
  const server = openServer(
    (request, response) => {
      if (request.url === "/slow") finish = () => response.end("late");
      else response.end("here");
    },
    { basePath: "", maxSockets: 2_000 },
  );
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const slow = fetch(`http://127.0.0.1:${port}/slow`).then((response) => response.text());
  for (let n = 0; n < MORE; n++) await open(port, "");
  expect(await answer(port)).toBe(200);
  finish();
  expect(await slow).toBe("late");
});
