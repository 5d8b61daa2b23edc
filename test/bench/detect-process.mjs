/** A detect process of the bench: a worker with its queue, the core in a thread; says what it committed. */
import { built } from "./dist.mjs";
import { logger, real } from "./live-worker.mjs";
import { modelOf, seededRandom } from "./world.mjs";

const { makeDetectWorker } = await import(built("jobs/detect-worker.js"));
const { makeThreadedEngine } = await import(built("jobs/threaded-engine.js"));
const { makeStore } = await import(built("store/store.js"));
const { Redis } = await import("ioredis");

const [socket, tag, names, pools, regions] = process.argv.slice(2);
const networks = names.split(",");
const open = () => new Redis(socket, { maxRetriesPerRequest: null }).on("error", () => {});
const store = makeStore({ keyTag: tag }, { redis: open(), openFollower: open, real, logger });
const generation = await store.generations.register("bench");
const model = modelOf(Number(pools), Number(regions), seededRandom(5));
const engine = makeThreadedEngine(
  networks.map((network) => ({ ...model, network })),
  { logger },
);
makeDetectWorker(
  { prefix: `{${tag}}:jobs`, networks, configHash: "bench", generation },
  {
    ...{ connection: open(), samples: store.samples, states: store.states, engine, real, logger },
    onCommitted: ({ network, tick }) => process.send({ network, tick }),
  },
);
process.send("ready");
