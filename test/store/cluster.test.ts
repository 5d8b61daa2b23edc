import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { DeliveredAlert } from "../../src/model/alert.ts";
import { checkServer } from "../../src/store/check-server.ts";
import { makeConnections } from "../../src/store/connect.ts";
import { makeKeys } from "../../src/store/keys.ts";
import { makeRetention } from "../../src/store/retention.ts";
import { makeStore } from "../../src/store/store.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { commitOn, event, INTERVAL, rate, SILENT, tick, view } from "./helpers.ts";

/** A port whose cluster bus (10,000 above) is a port too. */
async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    probe.close();
    await once(probe, "close");
    if (address !== null && typeof address === "object" && address.port < 55_000) return address.port;
  }
}

let server: TestRedis;
let port: number;
beforeAll(async () => {
  port = await freePort();
  const args = [
    "--cluster-enabled",
    "yes",
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--cluster-announce-ip",
    "127.0.0.1",
  ];
  server = await startTestRedis({ args });
  const admin = server.client();
  await admin.cluster("ADDSLOTS", ...Array.from({ length: 16_384 }, (_, slot) => slot));
  const isUp = async () => expect(await admin.cluster("INFO")).toMatch(/cluster_state:ok/);
  await vi.waitFor(isUp, { interval: 20, timeout: 120_000 });
});
afterAll(() => server.stop());

test("the whole store runs on a cluster, where a script may only touch keys of one slot that it was given", async () => {
  const connections = makeConnections({ url: `redis+cluster://127.0.0.1:${port}` }, { logger: SILENT });
  onTestFinished(() => connections.close());
  const redis = connections.open("command");
  expect((await checkServer(redis)).eviction).toBe("noeviction");
  const openFollower = () => connections.open("follow");
  const real = { now: () => Date.now() };
  const store = makeStore({ keyTag: "hf" }, { redis, openFollower, real, logger: SILENT });

  const abort = new AbortController();
  let arrive: (events: readonly DeliveredAlert[]) => void = () => {};
  const arrived = new Promise<readonly DeliveredAlert[]>((resolve) => {
    arrive = resolve;
  });
  const following = store.alertLog.follow(await store.alertLog.tail(), (events) => arrive(events), abort.signal);

  expect(await store.generations.register("c1")).toBe(1);
  const claim = await store.claims.claim("bitcoin", tick(12), "p", 60_000);
  await store.samples.append("bitcoin", tick(12), INTERVAL, [rate(tick(12), "antpool", 1)]);
  expect(await claim?.claim.complete()).toBe(true);
  const state = await store.states.load("bitcoin");
  const { cursor, ticks } = await store.samples.readSince("bitcoin", state.cursor, tick(12), 10);
  expect(ticks).toHaveLength(1);
  const commit = commitOn(state, tick(12), {
    cursor,
    events: [event("a", 1, tick(12))],
    bundles: [{ id: "a", revision: 1, bundle: {} }],
    views: [view(tick(12), [], 5)],
  });
  expect(await store.states.commit(commit)).toBe("committed");
  expect((await store.samples.append("bitcoin", tick(12), INTERVAL, [rate(tick(12), "f2pool", 1)])).moved).toBe(1);
  expect((await arrived)[0]?.id).toBe("a");
  abort.abort();
  await following;
  expect((await store.alerts.acknowledge("a", { by: "kim", note: "" }))?.open).toBe(true);
  const hours = await store.views.history({ network: "bitcoin", from: 0, to: tick(99), stepMs: 3_600_000, limit: 9 });
  expect(hours).toEqual([{ at: tick(12), hashrate: 5 }]);
  const day = 86_400_000;
  const keep = { samplesMs: day, estimatesMs: day, hourlyEstimatesMs: day, alertsMs: day };
  const retention = makeRetention({ networks: ["bitcoin"], keep }, { redis, keys: makeKeys("hf") });
  const forgotten = await retention.run({ data: tick(12) + 2 * day, real: Date.now() + 2 * day });
  expect(forgotten).toEqual({ ticks: 2, estimates: 2, alerts: 0, logEntries: 1 });
});
