/**
 * Fan-out: how long after it was logged an alert reaches the last of many clients, beside a bare `ws` loop that sends one
 * prepared frame to as many. Both serve from a process of their own; the clients (plain sockets) are another.
 */
import { fork, spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { finish } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { startRedis } from "../redis-server.mjs";
import { measured, quantile } from "../statistics.mjs";

const FANOUT = fileURLToPath(new URL("../ws-fanout.mjs", import.meta.url));
const BARE = fileURLToPath(new URL("../ws-bare.mjs", import.meta.url));
const SIZES = [1000, 5000, 10_000];
const ALERTS = 8;
const SPARE_FILES = 500;

const answer = (child, message) =>
  new Promise((resolve) => {
    child.once("message", resolve);
    if (message) child.send(message);
  });

/** Clients that one process may hold here. */
const filesAllowed = Number(spawnSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).stdout);

/** A server of one kind and its crowd. */
async function start(file, args, count) {
  const child = fork(file, args);
  const { port } = await answer(child);
  const empty = await answer(child, "ask");
  const crowd = fork(FANOUT, ["clients", String(port), String(count), "0"]);
  await answer(crowd);
  const full = await answer(child, "ask");
  return { child, crowd, perClient: (full.rss - empty.rss) / count };
}

/** One alert to everybody; when the last client and the client at 99 % had it, ms, and processor time, ms. */
async function once({ child, crowd }, count) {
  const before = await answer(child, "ask");
  await answer(child, "publish");
  const delays = await answer(crowd, String(count));
  const after = await answer(child, "ask");
  const cpu = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1000;
  return { p99: quantile(delays, 0.99), last: quantile(delays, 1), cpu };
}

async function measure(server, count) {
  const ours = await start(FANOUT, ["server", server.socket, String(count + 10)], count);
  const bare = await start(BARE, [], count);
  const found = { ours: [], bare: [] };
  for (let k = 0; k < ALERTS; k++) {
    found.ours.push(await once(ours, count));
    await delay(50);
    found.bare.push(await once(bare, count));
    await delay(50);
  }
  for (const { child, crowd } of [ours, bare]) for (const one of [child, crowd]) one.kill("SIGKILL");
  const of = (kind, name) => measured(found[kind].slice(1).map((one) => one[name]));
  const rival = "bare ws loop";
  const both = (name) => ({ ours: of("ours", name), rival, theirs: of("bare", name) });
  const limit = "a socket write for each client; every 15 s a heartbeat takes the same way";
  return [
    figure(`${count} clients: 99 % have it`, "ms", {
      ...both("p99"),
      ...(count === 5000 ? { mark: 1.05 } : {}),
      limit,
    }),
    figure(`${count} clients: the last has it`, "ms", { ...both("last"), limit }),
    figure(`${count} clients: processor time an alert`, "ms", { ...both("cpu"), limit }),
    figure(`${count} clients: memory a client`, "kB", {
      ...{ ours: ours.perClient / 1024, rival, theirs: bare.perClient / 1024, limit: "buffers of a socket" },
    }),
  ];
}

const server = await startRedis();
const figures = [];
for (const count of SIZES.filter((size) => size + SPARE_FILES < filesAllowed)) {
  figures.push(...(await measure(server, count)));
  await server.redis.flushall();
}
server.stop();
finish(figures);
