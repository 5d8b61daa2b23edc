/** The real gateway of one network on loopback, on a store of the bench. */
import { setTimeout as delay } from "node:timers/promises";
import { built } from "./dist.mjs";
import { INTERVAL_MS, logger, NETWORK, real } from "./live-worker.mjs";
import { seededRandom, ticks } from "./world.mjs";

const { createDetector } = await import(built("detect/detector.js"));
const { makeGateway } = await import(built("deliver/gateway.js"));
const { makeMetrics } = await import(built("metrics/metrics.js"));

/** @param maxClients sockets that it takes at most */
export async function startGateway(store, model, { maxClients = 100, metrics = makeMetrics({}) } = {}) {
  const network = { name: NETWORK, intervalMs: INTERVAL_MS, sources: [], model };
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
  const { port } = await gateway.listen();
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/readyz`)).status !== 200) await delay(20);
  return { url, socketUrl: `ws://127.0.0.1:${port}/ws`, port, stop: () => gateway.stop() };
}

/** Commits the view that the detector has after a few ticks of a fleet, so that there is something to serve. */
export async function commitView(store, model) {
  const detector = createDetector(model);
  const generation = await store.generations.register("bench");
  let state = detector.initial();
  let view;
  for (const tick of ticks(model, 3, Number.POSITIVE_INFINITY, seededRandom(4))) {
    const result = detector.advance(state, tick);
    [state, view] = [result.state, result.view];
  }
  await store.states.commit({
    ...{ network: NETWORK, expectedVersion: 0, commitId: "one", generation, configHash: "bench", tick: state.at },
    ...{ cursor: "", bytes: new Uint8Array(1), events: [], bundles: [], views: [view] },
    ...{ sampledAt: state.at, detectedAt: state.at + INTERVAL_MS },
  });
}
