/** A detect worker without its queue: rows from a real Redis, the core in its thread, everything committed. */
import { pino } from "pino";
import { built } from "./dist.mjs";

const { decide } = await import(built("jobs/decide.js"));
const { makeThreadedEngine } = await import(built("jobs/threaded-engine.js"));
const { makeStore } = await import(built("store/store.js"));

export const logger = pino({ level: "silent" });
export const real = { now: () => Date.now() };
export const NETWORK = "bench";
export const INTERVAL_MS = 300_000;

/** A store on a Redis of the bench, under a name space of its own. */
export function storeOn({ redis, open }, keyTag) {
  return makeStore({ keyTag }, { redis, openFollower: open, real, logger });
}

/** @param isForgetful reads and decodes the state at every tick, as a worker does that did not commit the last one */
export async function makeWorker(server, keyTag, model, isForgetful = false) {
  const store = storeOn(server, keyTag);
  const generation = await store.generations.register("bench");
  const engine = makeThreadedEngine([model], { logger });
  const used = isForgetful ? { ...engine, kept: () => undefined } : engine;
  const deps = { samples: store.samples, states: store.states, engine: used, real, logger, onCommitted: () => {} };
  return {
    /** Begins with a state that was made elsewhere, as of its last tick `at`. */
    adopt: (bytes, at) =>
      store.states.commit({
        ...{ network: NETWORK, expectedVersion: 0, commitId: "adopted", generation, configHash: "bench", tick: at },
        ...{ cursor: "", bytes, events: [], bundles: [], views: [], sampledAt: at, detectedAt: at },
      }),
    append: ({ at, rows }) => store.samples.append(NETWORK, at, INTERVAL_MS, rows),
    decide: (at) => decide({ network: NETWORK, throughTick: at, configHash: "bench", generation }, deps),
    stop: () => engine.stop(),
  };
}
