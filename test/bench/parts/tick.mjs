/**
 * Cost of a live tick beside the core alone, on the same rows: rows (and state) read from a real Redis, the core in its
 * thread, everything committed. Also what the tick costs Redis, and what encoding and decoding the state cost.
 */
import { built, finish, LARGEST } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { makeWorker } from "../live-worker.mjs";
import { startRedis } from "../redis-server.mjs";
import { measured } from "../statistics.mjs";
import { modelOf, seededRandom, ticks } from "../world.mjs";

const { createDetector } = await import(built("detect/detector.js"));

/** Pools, regions, ticks before anything is measured (a day, so that every row is warm), ticks measured. */
const SIZES = [
  [16, 13, 320, 60],
  [500, 50, 300, 24],
  [3000, 100, 290, 6],
].filter(([pools]) => pools <= LARGEST);

async function timed(times, work) {
  const began = performance.now();
  const result = await work();
  times.push(performance.now() - began);
  return result;
}

async function measure(server, [pools, regions, warm, count]) {
  const uniform = seededRandom(1);
  const model = modelOf(pools, regions, uniform);
  const detector = createDetector(model);
  let state = detector.initial();
  const keeping = await makeWorker(server, `k${pools}`, model);
  const reading = await makeWorker(server, `r${pools}`, model, true);
  const times = { core: [], kept: [], read: [], encode: [], decode: [] };
  const used = { commands: [], bytes: [] };
  let number = 0;
  let bytes = 0;
  for (const tick of ticks(model, warm + 1 + count, Number.POSITIVE_INFINITY, uniform)) {
    number++;
    const isMeasured = number > warm + 1;
    state = (await timed(isMeasured ? times.core : [], () => detector.advance(state, tick))).state;
    if (number < warm) continue;
    if (number === warm) {
      for (const worker of [keeping, reading]) await worker.adopt(detector.encode(state), tick.at);
      continue;
    }
    await keeping.append(tick);
    await reading.append(tick);
    if (number === warm + 1) {
      // The first tick of a worker reads the state in any case.
      for (const worker of [keeping, reading]) await worker.decide(tick.at);
      continue;
    }
    const before = await server.used();
    await timed(times.kept, () => keeping.decide(tick.at));
    const after = await server.used();
    await timed(times.read, () => reading.decide(tick.at));
    used.commands.push(after.commands - before.commands - 1);
    used.bytes.push(after.bytesIn - before.bytesIn + after.bytesOut - before.bytesOut);
    const encoded = await timed(times.encode, () => detector.encode(state));
    await timed(times.decode, () => detector.decode(encoded));
    bytes = encoded.length;
  }
  await keeping.stop();
  await reading.stop();
  const name = `${pools} x ${regions}`;
  const core = measured(times.core);
  return [
    figure(`${name}: live tick, the worker committed the last one`, "ms", {
      ...{ ours: measured(times.kept), rival: "core alone", theirs: core },
      ...(pools === 500 ? { mark: 2 } : {}),
      limit: "encoding the state and writing it to Redis",
    }),
    figure(`${name}: live tick, another worker did`, "ms", {
      ...{ ours: measured(times.read), rival: "core alone", theirs: core },
      limit: "the state is read and decoded too",
    }),
    figure(`${name}: encode the state`, "ms", { ours: measured(times.encode), rival: "core alone", theirs: core }),
    figure(`${name}: decode the state`, "ms", { ours: measured(times.decode), rival: "core alone", theirs: core }),
    figure(`${name}: bytes to and from Redis a tick`, "kB", {
      ours: measured(used.bytes.map((value) => value / 1024)),
      rival: "state as bytes",
      theirs: bytes / 1024,
      limit: "the whole state is written each tick",
    }),
    figure(`${name}: Redis commands a tick`, "commands", { ours: measured(used.commands) }),
  ];
}

const server = await startRedis();
const figures = [];
for (const size of SIZES) figures.push(...(await measure(server, size)));
server.stop();
finish(figures);
