/**
 * How fast an alert reaches a crowd: `npm run build && node test/bench/ws-fanout.mjs [clients] [stalled] [alerts] [a second]`.
 * The gateway runs in a process of its own on one core, the clients (plain sockets) in another; stalled readers subscribe
 * and never read again. Prints latency from the log to the client, how long stalled readers lasted, and memory.
 */
import { fork, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { pino } from "pino";

const HERE = fileURLToPath(import.meta.url);
const DIST = new URL("../../dist/", import.meta.url);

const network = {
  name: "bitcoin",
  intervalMs: 300_000,
  sources: [],
  model: { network: "bitcoin", intervalSeconds: 300, pools: [], detection: {}, configHash: "bench" },
};

/** About as long as a real one. */
function alertOf(id, revision) {
  const evidence = Array.from({ length: 12 }, (_, i) => ({
    pool: `pool-${i}`,
    expected: 2.9e19,
    observed: 2.56e19,
    score: 6.1,
  }));
  return {
    ...{ type: revision === 1 ? "opened" : "updated", id, revision, network: "bitcoin", scope: "region", region: "KZ" },
    ...{ ambiguous: false, severity: "critical", at: "2022-01-05T10:50:00Z", startedAt: "2022-01-05T10:32:00Z" },
    lost: { hashrate: 2.1e19, low: 1.7e19, high: 2.5e19, networkShare: 0.12 },
    drop: { estimate: 0.71, low: 0.5, high: 0.95 },
    candidates: [{ region: "KZ", probability: 0.97 }],
    evidence,
    ...{ detectorVersion: "1", configHash: "bench" },
  };
}

/** The gateway, and a hand that publishes; answers on IPC. */
async function server(socketPath, maxClients) {
  const { makeGateway } = await import(new URL("deliver/gateway.js", DIST));
  const { makeMetrics } = await import(new URL("metrics/metrics.js", DIST));
  const { makeStore } = await import(new URL("store/store.js", DIST));
  const open = () => new Redis(socketPath).on("error", () => {});
  const logger = pino({ level: "warn" });
  const real = { now: () => Date.now() };
  const store = makeStore({ keyTag: "b" }, { redis: open(), openFollower: open, real, logger });
  const metrics = makeMetrics({ renderCacheMs: 0 });
  const gateway = makeGateway(
    {
      ...{ host: "127.0.0.1", port: 0, tokens: [], allowedHosts: [], allowedOrigins: [], heartbeatSeconds: 15 },
      ...{ maxClients, version: "bench" },
    },
    {
      ...{ networks: () => [network], alertLog: store.alertLog, alerts: store.alerts, views: store.views, metrics },
      ...{ clocks: { data: real, real, speed: 1 }, logger, readiness: () => [] },
    },
  );
  let slow = 0;
  let slowAt = 0;
  const { closed } = metrics.ws;
  const count = closed.inc.bind(closed);
  closed.inc = (labels) => {
    if (labels.reason === "slow") {
      slow += 1;
      slowAt = Date.now();
    }
    count(labels);
  };
  const { port } = await gateway.listen();
  while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200) await delay(20);
  const generation = await store.generations.register("bench");
  let revision = 0;
  const onMessage = async (message) => {
    if (message === "publish") {
      revision += 1;
      const { version } = await store.states.load("bitcoin");
      await store.states.commit({
        ...{
          network: "bitcoin",
          expectedVersion: version,
          commitId: String(revision),
          generation,
          configHash: "bench",
          tick: revision * 300_000,
        },
        ...{ cursor: "", bytes: new Uint8Array(1), events: [alertOf("a", revision)], bundles: [] },
        views: [],
        ...{ sampledAt: Date.now(), detectedAt: Date.now() },
      });
    }
    process.send({ rss: process.memoryUsage().rss, slow, slowAt, cpu: process.cpuUsage() });
  };
  process.on("message", (message) => void onMessage(message));
  process.send({ port });
}

/** A client's short frame; a mask of zeros leaves the payload as it is. */
function framed(opcode, payload) {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

const SUBSCRIBE = framed(1, Buffer.from('{"op":"subscribe","channel":"alerts"}'));
/** All clients of this process read into one buffer: the crowd must not cost more than the gateway that is measured. */
const shared = Buffer.alloc(1 << 16);

/** One plain-socket client, as cheap as can be: `onAlert` gets the number of each alert frame and its bytes. */
function client(port, stalled, onAlert) {
  return new Promise((resolve, reject) => {
    let pending = null;
    let upgraded = false;
    let isStalled = false;
    let alerts = 0;
    const take = (opcode, payload) => {
      if (opcode === 9) socket.write(framed(10, payload));
      if (opcode !== 1) return;
      // {"type":"alert" and {"type":"snapshot" differ in their tenth byte and the one after.
      if (payload[9] === 0x61) onAlert(alerts++, payload);
      else if (payload[9] === 0x73 && payload[10] === 0x6e) {
        isStalled = stalled;
        resolve();
      }
    };
    const read = (data) => {
      let bytes = pending === null ? data : Buffer.concat([pending, data]);
      pending = null;
      if (!upgraded) {
        const end = bytes.indexOf("\r\n\r\n");
        if (end < 0) {
          pending = Buffer.from(bytes);
          return;
        }
        bytes = bytes.subarray(end + 4);
        upgraded = true;
        socket.write(SUBSCRIBE);
      }
      let at = 0;
      while (bytes.length - at >= 2) {
        const short = bytes[at + 1] & 127;
        const head = short === 126 ? 4 : short === 127 ? 10 : 2;
        if (bytes.length - at < head) break;
        const length =
          short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
        if (bytes.length - at < head + length) break;
        take(bytes[at] & 15, bytes.subarray(at + head, at + head + length));
        at += head + length;
      }
      if (at < bytes.length) pending = Buffer.from(bytes.subarray(at));
    };
    const onread = {
      buffer: shared,
      callback: (length) => {
        read(shared.subarray(0, length));
        return !isStalled;
      },
    };
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
    socket.on("error", reject);
    socket.on("connect", () =>
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
      ),
    );
  });
}

async function clients(port, count, stalled) {
  let delays = [];
  const publishedAt = [];
  const onAlert = (number, payload) => {
    if (publishedAt[number] === undefined) {
      const text = payload.toString("latin1");
      const at = text.indexOf('"publishedAt":"') + 15;
      publishedAt[number] = Date.parse(text.slice(at, text.indexOf('"', at)));
    }
    delays.push(Date.now() - publishedAt[number]);
  };
  for (let i = 0; i < count; i += 200)
    await Promise.all(Array.from({ length: Math.min(200, count - i) }, () => client(port, false, onAlert)));
  const onMessage = async (message) => {
    if (message === "stall") {
      await Promise.all(Array.from({ length: stalled }, () => client(port, true, () => {}).catch(() => {})));
      return process.send("stalled");
    }
    const expected = Number(message);
    const until = performance.now() + 15_000;
    while (delays.length < expected && performance.now() < until) await delay(50);
    process.send(delays);
    delays = [];
  };
  process.on("message", (message) => void onMessage(message));
  process.send("connected");
}

const answer = (child, message) =>
  new Promise((resolve) => {
    child.once("message", resolve);
    if (message) child.send(message);
  });

async function main([count = 5000, stalled = 50, alerts = 20, perSecond = 2]) {
  const dir = mkdtempSync("/tmp/hf-bench-");
  const socketPath = join(dir, "redis.sock");
  const redis = spawn("redis-server", ["--port", "0", "--unixsocket", socketPath, "--dir", dir, "--save", ""]);
  await new Promise((resolve) => redis.stdout.on("data", (text) => /ready to accept/i.test(text) && resolve()));
  const gateway = fork(HERE, ["server", socketPath, String(count + stalled + 10)]);
  const { port } = await answer(gateway);
  spawn("taskset", ["-pc", "0", String(gateway.pid)]).on("error", () => {});
  const crowd = fork(HERE, ["clients", String(port), String(count), String(stalled)]);
  spawn("taskset", ["-pc", "1", String(crowd.pid)]).on("error", () => {});
  await answer(crowd);
  console.log(`${count} clients are subscribed`);

  const run = async (label) => {
    const before = await answer(gateway, "ask");
    const from = performance.now();
    const begun = Date.now();
    let worst = before.rss;
    for (let i = 0; i < alerts; i += 1) {
      const { rss } = await answer(gateway, "publish");
      worst = Math.max(worst, rss);
      await delay(Math.max(0, from + (i + 1) * (1000 / perSecond) - performance.now()));
    }
    await delay(500);
    const after = await answer(gateway, "ask");
    const delays = (await answer(crowd, String(count * alerts))).sort((a, b) => a - b);
    const at = (share) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))];
    const cpu = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    const slowAfter = after.slow - before.slow === stalled ? after.slowAt - begun : null;
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
    console.log(
      `${label}: ${delays.length} of ${count * alerts} deliveries, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms, ` +
        `gateway ${((cpu / (performance.now() - from)) * 100).toFixed(0)} % of a core, ${(cpu / alerts).toFixed(0)} ms an alert, ` +
        `memory ${mib(before.rss)} MiB, at most +${mib(worst - before.rss)} MiB`,
    );
    return { p99: at(0.99), grown: worst - before.rss, slowAfter, complete: delays.length === count * alerts };
  };
  const calm = await run("all read");
  await answer(crowd, "stall");
  const crowded = await run(`${stalled} stalled`);
  const lasted =
    crowded.slowAfter === null
      ? "NOT all closed"
      : `the last was closed ${(crowded.slowAfter / 1000).toFixed(1)} s after the first alert`;
  console.log(`stalled readers: ${lasted}`);
  const isGood =
    calm.complete &&
    crowded.complete &&
    crowded.p99 <= 250 &&
    crowded.grown <= 64 * 2 ** 20 &&
    (crowded.slowAfter ?? 1e9) <= 5000;
  console.log(isGood ? "within the marks" : "NOT within the marks (p99 250 ms, 5 s, 64 MiB)");
  for (const child of [crowd, gateway, redis]) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
  process.exit(isGood ? 0 : 1);
}

const [role, ...rest] = process.argv.slice(2);
if (role === "server") await server(rest[0], Number(rest[1]));
else if (role === "clients") await clients(...rest.map(Number));
else await main([role, ...rest].filter((value) => value !== undefined).map(Number));
