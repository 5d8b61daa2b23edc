/**
 * Cost of a live tick: rows and state read from a real Redis, the core in its thread, everything committed.
 *   npm run --silent build && node test/bench/live-tick.mjs
 * Beside it, in the same run and on the same rows: the core alone, and a worker that never keeps the decoded state.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { pino } from "pino";
import { modelOf, seededRandom, ticks } from "./detect-world.mjs";

const dist = process.env.HASHFALL_DIST ?? new URL("../../dist/", import.meta.url).href;
const { createDetector } = await import(new URL("detect/detector.js", dist).href);
const { decide } = await import(new URL("jobs/decide.js", dist).href);
const { makeThreadedEngine } = await import(new URL("jobs/threaded-engine.js", dist).href);
const { makeStore } = await import(new URL("store/store.js", dist).href);

const INTERVAL = 300_000;
const logger = pino({ level: "silent" });
const real = { now: () => Date.now() };

const folder = mkdtempSync(join(tmpdir(), "hashfall-bench-"));
const socket = join(folder, "redis.sock");
const server = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""], {
  stdio: "ignore",
});
const open = () => new Redis(socket).on("error", () => {});
const redis = open();
while ((await redis.ping().catch(() => "")) !== "PONG") await delay(10);

const median = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];

/** A worker of its own name space; returns what one tick costs it, ms. */
async function worker(tag, model, forget) {
  const store = makeStore({ keyTag: tag }, { redis, openFollower: open, real, logger });
  const generation = await store.generations.register("bench");
  const engine = makeThreadedEngine([model], { logger });
  const used = forget ? { ...engine, kept: () => undefined } : engine;
  const deps = { samples: store.samples, states: store.states, engine: used, real, logger, onCommitted: () => {} };
  return {
    async append({ at, rows }) {
      await store.samples.append("bench", at, INTERVAL, rows);
    },
    async decide(at) {
      const began = performance.now();
      await decide({ network: "bench", throughTick: at, configHash: "bench", generation }, deps);
      return performance.now() - began;
    },
    stop: () => engine.stop(),
  };
}

async function measure(pools, regions, warm, count) {
  const uniform = seededRandom(1);
  const model = modelOf(pools, regions, uniform);
  const detector = createDetector(model);
  let state = detector.initial();
  const keeping = await worker(`k${pools}`, model, false);
  const reading = await worker(`r${pools}`, model, true);
  const times = { core: [], keeping: [], reading: [] };
  let number = 0;
  for (const tick of ticks(model, warm + count, Number.POSITIVE_INFINITY, uniform)) {
    number++;
    const began = performance.now();
    state = detector.advance(state, tick).state;
    const core = performance.now() - began;
    await keeping.append(tick);
    await reading.append(tick);
    if (number < warm && number % 48 !== 0) continue;
    const [kept, read] = [await keeping.decide(tick.at), await reading.decide(tick.at)];
    if (number <= warm) continue;
    times.core.push(core);
    times.keeping.push(kept);
    times.reading.push(read);
  }
  await keeping.stop();
  await reading.stop();
  const [core, kept, read] = [median(times.core), median(times.keeping), median(times.reading)];
  const kilobytes = Math.round(detector.encode(state).length / 1024);
  const name = `${pools} pools x ${regions} regions`;
  console.log(
    `${name}: core alone ${core.toFixed(2)} ms; live, state kept ${kept.toFixed(1)} ms, state read ${read.toFixed(1)} ms`,
  );
  console.log(
    `${name}: kept/read ${(kept / read).toFixed(2)}, kept/core ${(kept / core).toFixed(1)}; state ${kilobytes} kB`,
  );
}

try {
  await measure(16, 13, 480, 120);
  await measure(500, 50, 336, 60);
} finally {
  redis.disconnect();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
