/** A process that polls one network and decides its ticks, and nothing else: poller, queue and worker of the built service. One JSON argument. */
import { Redis } from "ioredis";
import { pino } from "pino";
import { loadConfigFile } from "../../../dist/config/load.js";
import { makeDetectQueue } from "../../../dist/jobs/detect-queue.js";
import { makeDetectWorker } from "../../../dist/jobs/detect-worker.js";
import { makeEngine } from "../../../dist/jobs/engine.js";
import { makePoller } from "../../../dist/poll/poller.js";
import { makeKeys } from "../../../dist/store/keys.js";
import { makeStore } from "../../../dist/store/store.js";

/** `rows`: what each pool answers at `tick`, as observations; the data clock stands just after that tick. */
const { port, keyTag, configPath, tick, rows, holder } = JSON.parse(process.argv[2]);
const open = () => new Redis({ port, host: "127.0.0.1", maxRetriesPerRequest: null }).on("error", () => undefined);
const logger = pino({ level: "silent" });
const real = { now: () => Date.now() };
const clocks = { real, data: { now: () => tick + 1_000 }, speed: 1 };
const { networks, hash: configHash } = await loadConfigFile(configPath);
const [network] = networks;
const store = makeStore({ keyTag }, { redis: open(), openFollower: open, real, logger });
const prefix = makeKeys(keyTag).queuePrefix;
const generation = await store.generations.register(configHash);
const queue = makeDetectQueue({ prefix, tickMs: network.intervalMs }, { connection: open(), logger });
makeDetectWorker(
  { prefix, networks: [network.name], configHash, generation },
  {
    ...{ connection: open(), samples: store.samples, states: store.states },
    ...{ engine: makeEngine([network.model]), real, logger, onCommitted: () => undefined },
  },
);
const sources = rows.map((row) => ({
  ...{ id: row.pool, hostKey: row.pool, pools: [row.pool], minIntervalMs: 60_000 },
  fetch: async () => ({ kind: "ok", bodySha256: "", rows: [row] }),
}));
const { samples, claims } = store;
const deps = { sources, samples, claims, clocks, logger, random: () => 0, onEvent: () => undefined };
makePoller({ network, holder }, { ...deps, onTick: (name, at) => queue.enqueue(name, at) }).start();
