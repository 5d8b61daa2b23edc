/**
 * From the moment at which a tick's rows are handed in to the alert frame at a client: rows stored, job queued and taken,
 * core, commit, log, WebSocket. Pools are halved one after the other, so every few ticks tell an alert. The rival does the
 * same steps with nothing in between: one XADD, one BullMQ job, one XREAD, one frame.
 */
import { Queue, Worker } from "bullmq";
import { WebSocket, WebSocketServer } from "ws";
import { built, finish, LARGEST } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { startGateway } from "../gateway.mjs";
import { INTERVAL_MS, logger, NETWORK, real, storeOn } from "../live-worker.mjs";
import { startRedis } from "../redis-server.mjs";
import { measured, measuredAt } from "../statistics.mjs";
import { modelOf, seededRandom, ticks } from "../world.mjs";

const { createDetector } = await import(built("detect/detector.js"));
const { makeDetectQueue } = await import(built("jobs/detect-queue.js"));
const { makeDetectWorker } = await import(built("jobs/detect-worker.js"));
const { makeThreadedEngine } = await import(built("jobs/threaded-engine.js"));

/** Pools and regions; a day of ticks until every row is warm, then those that are measured. */
const SIZES = [
  [100, 20, 300, 60],
  [1000, 20, 300, 24],
  [3000, 20, 290, 10],
].filter(([pools]) => pools <= LARGEST);
/** Ticks for which a pool stays halved: its alert is told at the third. */
const HALVED_TICKS = 5;

/** One pool after the other loses two thirds of itself, from tick `from` on. */
function halve(tick, number, from) {
  for (let k = 0; k < HALVED_TICKS; k++) {
    const row = tick.rows[(number - from - k) * 7];
    if (number - from - k >= 0 && row !== undefined) row.hashrate *= 0.33;
  }
  return tick;
}

/** XADD, job, XREAD, frame, with nothing in between. */
async function startRival(server) {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => sockets.once("listening", resolve));
  const client = new WebSocket(`ws://127.0.0.1:${sockets.address().port}`);
  await new Promise((resolve) => client.once("open", resolve));
  const [reader, writer] = [server.open(), server.open()];
  const queue = new Queue("bare", { connection: server.open() });
  const worker = new Worker("bare", async () => writer.xadd("bare:log", "*", "alert", frame), {
    connection: server.open(),
  });
  await worker.waitUntilReady();
  const frame = JSON.stringify({ type: "alert", text: "x".repeat(1500) });
  let isOver = false;
  const follow = async () => {
    for (let last = "$"; !isOver; ) {
      const found = await reader.xread("BLOCK", 1000, "STREAMS", "bare:log", last).catch(() => null);
      for (const [id, [, text]] of found?.[0][1] ?? []) {
        last = id;
        for (const socket of sockets.clients) socket.send(text);
      }
    }
  };
  void follow();
  return {
    async once() {
      const arrived = new Promise((resolve) => client.once("message", resolve));
      await writer.xadd("bare:rows", "MAXLEN", "~", "1000", "*", "row", "x");
      await queue.add("bare", {});
      await arrived;
    },
    async stop() {
      isOver = true;
      await worker.close(true);
      client.terminate();
      sockets.close();
    },
  };
}

async function measure(server, [pools, regions, warm, count]) {
  const uniform = seededRandom(2);
  const model = modelOf(pools, regions, uniform);
  const detector = createDetector(model);
  const store = storeOn(server, `live${pools}`);
  const generation = await store.generations.register("bench");
  const engine = makeThreadedEngine([model], { logger });
  const prefix = `{live${pools}}:jobs`;
  const queue = makeDetectQueue({ prefix, tickMs: INTERVAL_MS }, { connection: server.open(), logger });
  let decided = () => {};
  const worker = makeDetectWorker(
    { prefix, networks: [NETWORK], configHash: "bench", generation },
    {
      ...{ connection: server.open(), samples: store.samples, states: store.states, engine, real, logger },
      onCommitted: ({ tookMs }) => decided(tookMs),
    },
  );
  const gateway = await startGateway(store, model);
  const client = new WebSocket(gateway.socketUrl);
  await new Promise((resolve) => client.once("open", resolve));
  let alertAt = 0;
  await new Promise((resolve) => {
    client.on("message", (data) => {
      const text = data.toString("latin1", 0, 24);
      if (text.includes('"snapshot"')) resolve();
      if (text.includes('"alert"') && alertAt === 0) alertAt = performance.now();
    });
    client.send('{"op":"subscribe","channel":"alerts"}');
  });
  const rival = await startRival(server);
  let state = detector.initial();
  const times = { ours: [], rival: [], core: [] };
  let number = 0;
  for (const plain of ticks(model, warm + count, Number.POSITIVE_INFINITY, uniform)) {
    number++;
    const tick = halve(plain, number, warm);
    if (number < warm) state = detector.advance(state, tick).state;
    if (number === warm - 1) {
      await store.states.commit({
        ...{
          network: NETWORK,
          expectedVersion: 0,
          commitId: "adopted",
          generation,
          configHash: "bench",
          tick: tick.at,
        },
        ...{ cursor: "", bytes: detector.encode(state), events: [], bundles: [], views: [] },
        ...{ sampledAt: tick.at, detectedAt: tick.at },
      });
    }
    if (number < warm) continue;
    alertAt = 0;
    const isDecided = new Promise((resolve) => {
      decided = resolve;
    });
    const from = performance.now();
    await store.samples.append(NETWORK, tick.at, INTERVAL_MS, tick.rows);
    await queue.enqueue(NETWORK, tick.at);
    const tookMs = await isDecided;
    for (let wait = 0; wait < 20 && alertAt === 0; wait++) await new Promise((resolve) => setTimeout(resolve, 5));
    if (alertAt > 0) {
      times.ours.push(alertAt - from);
      times.core.push(tookMs);
    }
    const bare = performance.now();
    await rival.once();
    times.rival.push(performance.now() - bare);
  }
  await rival.stop();
  client.terminate();
  await gateway.stop();
  await worker.stop(1000);
  await queue.stop();
  await engine.stop();
  const said = `${pools} pools x ${regions}`;
  const bare = "XADD, BullMQ job, XREAD, frame";
  const limit = "storing the rows, the core, and writing the state";
  const core = "the core's part of it";
  return [
    figure(`${said}: sample to alert, median`, "ms", {
      ...{ ours: measured(times.ours), rival: bare, theirs: measured(times.rival), limit },
    }),
    figure(`${said}: sample to alert, beside its core`, "ms", {
      ...{ ours: measured(times.ours), rival: core, theirs: measured(times.core) },
    }),
    figure(`${said}: sample to alert, p99`, "ms", {
      ...{ ours: measuredAt(times.ours, 0.99), rival: bare, theirs: measuredAt(times.rival, 0.99), mark: 2, limit },
    }),
  ];
}

const server = await startRedis();
const figures = [];
for (const size of SIZES) figures.push(...(await measure(server, size)));
server.stop();
finish(figures);
