/** Sixteen networks decided by one, two and four detect processes on one Redis: how the time of a tick of all of them shrinks. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { built, finish } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { INTERVAL_MS, logger, storeOn } from "../live-worker.mjs";
import { startRedis } from "../redis-server.mjs";
import { measured } from "../statistics.mjs";
import { modelOf, seededRandom, ticks } from "../world.mjs";

const { createDetector } = await import(built("detect/detector.js"));
const { makeDetectQueue } = await import(built("jobs/detect-queue.js"));

const PROCESS = fileURLToPath(new URL("../detect-process.mjs", import.meta.url));
const COUNTS = [1, 2, 4];
const NETWORKS = Array.from({ length: 16 }, (_, k) => `net${k}`);
const [POOLS, REGIONS, WARM, TICKS] = [100, 20, 300, 14];
const TAG = "growth";

const server = await startRedis();
const store = storeOn(server, TAG);
const generation = await store.generations.register("bench");
const queue = makeDetectQueue({ prefix: `{${TAG}}:jobs`, tickMs: INTERVAL_MS }, { connection: server.open(), logger });
const model = modelOf(POOLS, REGIONS, seededRandom(5));
const detector = createDetector(model);
const all = [...ticks(model, WARM + COUNTS.length * TICKS, Number.POSITIVE_INFINITY, seededRandom(6))];
let state = detector.initial();
for (const tick of all.slice(0, WARM)) state = detector.advance(state, tick).state;
const bytes = detector.encode(state);
for (const network of NETWORKS) {
  await store.states.commit({
    ...{ network, expectedVersion: 0, commitId: "adopted", generation, configHash: "bench", tick: state.at },
    ...{ cursor: "", bytes, events: [], bundles: [], views: [], sampledAt: state.at, detectedAt: state.at },
  });
}

/** Milliseconds of every tick of all networks, decided by so many processes. */
async function measure(count, own) {
  const left = new Set();
  let isDone = () => {};
  const children = Array.from({ length: count }, () =>
    fork(PROCESS, [server.socket, TAG, NETWORKS.join(","), String(POOLS), String(REGIONS)]),
  );
  await Promise.all(children.map((child) => new Promise((resolve) => child.once("message", resolve))));
  for (const child of children) {
    child.on("message", ({ network, tick }) => {
      left.delete(`${network}-${tick}`);
      if (left.size === 0) isDone();
    });
  }
  const times = [];
  for (const { at, rows } of own) {
    for (const network of NETWORKS) {
      await store.samples.append(network, at, INTERVAL_MS, rows);
      left.add(`${network}-${at}`);
    }
    const done = new Promise((resolve) => {
      isDone = resolve;
    });
    const began = performance.now();
    for (const network of NETWORKS) await queue.enqueue(network, at);
    await done;
    times.push(performance.now() - began);
  }
  for (const child of children) child.kill("SIGKILL");
  // The first ticks read every state anew.
  return measured(times.slice(3));
}

const found = [];
for (const [k, count] of COUNTS.entries()) {
  found.push(await measure(count, all.slice(WARM + k * TICKS, WARM + (k + 1) * TICKS)));
}
server.stop();
const ideal = (count) => 1 / Math.min(count, availableParallelism());
finish(
  COUNTS.map((count, k) =>
    figure(`16 networks of ${POOLS} x ${REGIONS}, ${count} detect ${count === 1 ? "process" : "processes"}`, "ms", {
      ours: found[k],
      ...(count === 1 ? {} : { rival: "one process", theirs: found[0], mark: 1.2 * ideal(count) }),
      limit:
        count === 1 ? "one thread decides all" : `${availableParallelism()} cores, which Redis and the producer share`,
    }),
  ),
);
