/** Connections that a NAT or firewall forgot: no end, no reset, no data. Everything is back within 30 s, and nothing is lost. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Queue, Worker } from "bullmq";
import { describe, type TestContext, test } from "vitest";
import { WebSocketServer } from "ws";
import { HashfallClient } from "../../src/client/client.ts";
import type { WebhookConfig } from "../../src/config/resolve/resolved.ts";
import { WebhookSender } from "../../src/deliver/webhook/send.ts";
import { makeTransport } from "../../src/sources/http/transport.ts";
import { type ConnectionUse, makeConnections } from "../../src/store/connect.ts";
import { SILENT } from "../store/helpers.ts";
import { startTestRedis } from "../support/redis.ts";
import { servedTime } from "../support/served-time.ts";
import { type SilentProxy, startSilentProxy } from "../support/silent-proxy.ts";

const BACK_WITHIN_MS = 30_000;

/** The tests run side by side, because they wait most of their time: each hands on its own context. */
type Own = Pick<TestContext, "expect" | "onTestFinished">;

async function redisBehindProxy({ onTestFinished }: Own) {
  const server = await startTestRedis();
  const proxy = await startSilentProxy(server.socketPath);
  const connections = makeConnections({ url: `redis://127.0.0.1:${proxy.port}` }, { logger: SILENT });
  onTestFinished(async () => {
    await connections.close();
    await proxy.stop();
    await server.stop();
  });
  return { server, proxy, connections };
}

const SILENCES: readonly (readonly [string, (proxy: SilentProxy) => void])[] = [
  ["old connections are forgotten and new ones work at once", (proxy) => proxy.forget()],
  [
    "nothing comes through for eight seconds",
    (proxy) => {
      proxy.blackHole(true);
      setTimeout(() => proxy.blackHole(false), 8_000);
    },
  ],
];

/** Asks until the answer is as expected, which it must be within the limit. */
async function expectBack<T>({ expect }: Own, ask: () => T | Promise<T>, expected: T): Promise<void> {
  const { ms } = await servedTime(() => expect.poll(ask, { interval: 100 }).toEqual(expected));
  expect(ms).toBeLessThan(BACK_WITHIN_MS);
}

describe.concurrent("Redis", () => {
  test.for(SILENCES)("every connection is given up and opened anew when %s", async ([, silence], own) => {
    const { proxy, connections } = await redisBehindProxy(own);
    const uses: readonly ConnectionUse[] = ["command", "queue", "worker", "follow"];
    const opened = uses.map((use) => connections.open(use));
    await Promise.all(opened.map((redis) => redis.ping()));
    silence(proxy);
    const answers = () => Promise.all(opened.map((redis) => redis.ping().catch((error: unknown) => String(error))));
    await expectBack<string[]>(
      own,
      answers,
      uses.map(() => "PONG"),
    );
    own.expect(proxy.accepted()).toBeGreaterThanOrEqual(2 * uses.length);
  });

  test("a follower that waits for the log's next entry gets what was written while its connection was silent", async (own) => {
    const { server, proxy, connections } = await redisBehindProxy(own);
    const redis = connections.open("follow");
    await redis.ping();
    proxy.forget();
    await server.client().xadd("log", "1-0", "f", "v");
    const read = () =>
      redis.xread("BLOCK", 1_000, "STREAMS", "log", "0").then(
        (reply) => reply?.[0]?.[1]?.length ?? 0,
        () => 0,
      );
    await expectBack(own, read, 1);
  });

  test("BullMQ's producer and worker go on, and every job is done", async (own) => {
    const { proxy, connections } = await redisBehindProxy(own);
    const producer = connections.open("queue");
    const consumer = connections.open("worker");
    const done = new Set<string>();
    const queue = new Queue("q", { connection: producer });
    const worker = new Worker("q", async (job) => void done.add(job.id ?? ""), { connection: consumer });
    queue.on("error", () => undefined);
    worker.on("error", () => undefined);
    own.onTestFinished(async () => {
      await worker.close(true);
      await queue.close();
    });
    await queue.add("job", {}, { jobId: "before" });
    await expectBack(own, () => done.has("before"), true);
    proxy.forget();
    const add = () =>
      queue.add("job", {}, { jobId: "after" }).then(
        () => true,
        () => false,
      );
    await expectBack(own, add, true);
    await expectBack(own, () => done.has("after"), true);
  });
});

async function httpServer({ onTestFinished }: Own) {
  const server = createServer((request, response) => {
    request.resume();
    response.end("taken");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy = await startSilentProxy((server.address() as AddressInfo).port);
  onTestFinished(async () => {
    await proxy.stop();
    server.closeAllConnections();
    server.close();
  });
  return { proxy, url: new URL(`http://127.0.0.1:${proxy.port}/`) };
}

describe.concurrent("HTTP", () => {
  test("a source whose kept connection is silent is asked over a new one", async (own) => {
    const { proxy, url } = await httpServer(own);
    const transport = makeTransport();
    own.onTestFinished(() => transport.close());
    const ask = () =>
      transport.send({
        ...{ url, method: "GET", headers: {}, maxBytes: 1_000, timeoutMs: 500, allowPrivate: true },
        signal: new AbortController().signal,
      });
    own.expect((await ask()).kind).toBe("response");
    proxy.forget();
    await expectBack<string>(own, async () => (await ask()).kind, "response");
  });

  test("a webhook whose kept connection is silent is delivered over a new one", async (own) => {
    const { proxy, url } = await httpServer(own);
    const sender = new WebhookSender();
    own.onTestFinished(() => sender.close());
    const webhook: WebhookConfig = {
      ...{ name: "w", url: url.href, preset: "hashfall", secrets: [], filter: {} },
      ...{ allowPrivate: true, timeoutMs: 500, options: {}, headers: {}, hidden: [], resendIntervalMs: 60_000 },
    };
    const send = () =>
      sender.send({ webhook, id: "msg_1", message: { kind: "http", body: "{}" }, now: Date.now() }).then(
        () => "delivered",
        (error: unknown) => String(error),
      );
    own.expect(await send()).toBe("delivered");
    proxy.forget();
    await expectBack(own, send, "delivered");
  });
});

test.concurrent("a trader's client leaves a socket that has gone silent and opens another", async (own) => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const hello = JSON.stringify({ type: "hello", version: 1, networks: [], heartbeatSeconds: 0.4, epoch: "e1" });
  let sockets = 0;
  server.on("connection", (socket) => {
    sockets++;
    socket.send(hello);
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const proxy = await startSilentProxy((server.address() as AddressInfo).port);
  const client = new HashfallClient({ url: `ws://127.0.0.1:${proxy.port}/ws` }, {}).open();
  own.onTestFinished(async () => {
    client.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
    await proxy.stop();
  });
  await expectBack(own, () => sockets, 1);
  proxy.forget();
  await expectBack(own, () => sockets > 1, true);
});
