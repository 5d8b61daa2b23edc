/** The real gateway of one network on loopback, on a store of the bench. */
import { setTimeout as delay } from "node:timers/promises";
import { built } from "./dist.mjs";
import { INTERVAL_MS, logger, NETWORK, real } from "./live-worker.mjs";

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
