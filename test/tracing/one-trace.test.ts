import type { ConnectionOptions } from "bullmq";
import { expect, it, onTestFinished, vi } from "vitest";
import { makeDetectQueue } from "../../src/jobs/detect-queue.ts";
import { makeDetectWorker } from "../../src/jobs/detect-worker.ts";
import { isoTime } from "../../src/model/tick.ts";
import { makeConnections } from "../../src/store/connect.ts";
import { makeKeys } from "../../src/store/keys.ts";
import type { Tracing } from "../../src/tracing/contract.ts";
import { startTracing } from "../../src/tracing/start.ts";
import { startTestGateway, TestClient } from "../deliver/support.ts";
import { Receiver } from "../deliver/webhook/receiver.ts";
import { TestSite, webhookConfig } from "../deliver/webhook/replica.ts";
import { makeCountingEngine } from "../jobs/counting-engine.ts";
import { figure, rig, sourceOf, TICK } from "../poll/rig.ts";
import { SILENT, storeOn } from "../store/helpers.ts";
import { startCollector, treeOf } from "../support/otlp.ts";
import { startTestRedis } from "../support/redis.ts";

const KEY_TAG = "t";
const real = { now: () => Date.now() };

/** One tick through poller, queue, worker, log, gateway and webhook, each role with traces of its own, or with none. */
async function oneTick(traces: "on" | "off") {
  const redis = await startTestRedis();
  onTestFinished(() => redis.stop());
  const collector = await startCollector();
  onTestFinished(() => collector.stop());
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "10");
  if (traces === "on") vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const start = async (instance: string): Promise<Tracing> => {
    const tracing = await startTracing({ version: "1", instance }, { env: process.env, logger: SILENT });
    onTestFinished(() => tracing.stop());
    return tracing;
  };
  const [polling, detecting, serving] = [await start("poll"), await start("detect"), await start("serve")];

  const store = storeOn(redis, { keyTag: KEY_TAG });
  const gateway = await startTestGateway({}, { tracing: serving }, redis);
  onTestFinished(() => gateway.stop());
  const receiver = await Receiver.start();
  onTestFinished(() => receiver.close());
  const site = TestSite.on(redis, KEY_TAG);
  const url = `http://127.0.0.1:${receiver.port}/`;
  await site.replica([webhookConfig({ url })], { tracing: serving }).begun();
  onTestFinished(() => site.stop());
  const connections = makeConnections({ url: redis.url }, { logger: SILENT });
  onTestFinished(() => connections.close());
  const { queuePrefix: prefix } = makeKeys(KEY_TAG);
  const connection = (kind: "queue" | "worker") => connections.open(kind) as ConnectionOptions;
  const queue = makeDetectQueue({ prefix, tickMs: 1000 }, { connection: connection("queue"), logger: SILENT });
  onTestFinished(() => queue.stop());
  const generation = await store.generations.register("c1");
  const worker = makeDetectWorker(
    { prefix, networks: ["bitcoin"], configHash: "c1", generation },
    {
      ...{ connection: connection("worker"), samples: store.samples, states: store.states, real, logger: SILENT },
      ...{ engine: makeCountingEngine(), tracing: detecting, onCommitted: () => {} },
    },
  );
  onTestFinished(() => worker.stop());
  const client = new TestClient(gateway.wsUrl);
  onTestFinished(() => client.close());
  await client.subscribe();
  const sources = [
    sourceOf("antpool", async () => figure("antpool", 2e19)),
    sourceOf("f2pool", async () => ({ kind: "error", class: "http", detail: "500 from https://user:secret@f2pool" })),
  ];
  const { poller } = rig(store, sources, { tracing: polling, onTick: queue.enqueue });
  poller.start();
  const { alert } = await client.next("alert");
  await expect.poll(() => receiver.received.length, { interval: 10 }).toBe(1);
  return { alert, collector, body: receiver.received[0]?.body ?? "", store };
}

it("one tick is one trace, from poll to delivery, whichever processes it passed through", async () => {
  const { alert, collector, body, store } = await oneTick("on");
  const names = () => collector.spans.map(({ name }) => name);
  await expect.poll(names, { interval: 10 }).toEqual(expect.arrayContaining(["deliver", "notify desk", "poll"]));
  const root = collector.spans.find(({ name }) => name === "poll")!;
  await expect
    .poll(() => treeOf(collector.spans, root.traceId), { interval: 10 })
    .toEqual([
      "poll",
      "  ask antpool",
      "  ask f2pool",
      "  enqueue",
      "    detect",
      "      commit",
      "        deliver",
      "        notify desk",
      "      core",
      "      read",
      "  store",
    ]);
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([root.traceId]));
  const by = Object.fromEntries(collector.spans.map((span) => [span.name, span]));
  for (const [name, process] of [
    ["ask antpool", "poll"],
    ["commit", "detect"],
    ["deliver", "serve"],
  ] as const)
    expect(by[name]?.process["service.instance.id"]).toBe(process);
  for (const name of ["poll", "detect", "deliver"]) expect(by[name]?.attributes["hashfall.tick"]).toBe(isoTime(TICK));
  expect(by["ask antpool"]?.attributes).toMatchObject({ "hashfall.result": "ok", "hashfall.rows": 1 });
  expect(by["ask f2pool"]?.attributes).toMatchObject({ "hashfall.result": "http", "hashfall.rows": 0 });
  expect(by.commit?.attributes).toMatchObject({ "hashfall.result": "committed", "hashfall.events": 1 });
  for (const span of collector.spans) expect(span.endedAt, span.name).toBeGreaterThanOrEqual(span.startedAt);
  // What a source says in its errors may hold a secret.
  expect(JSON.stringify(collector.requests)).not.toContain("secret");

  // Whoever takes the alert can go on with the trace; the event itself knows nothing of it.
  const commit = `00-${root.traceId}-${by.commit?.spanId}-01`;
  expect(alert.traceparent).toBe(commit);
  expect(JSON.parse(body)).toMatchObject({ traceparent: commit });
  const known = await store.alerts.get(alert.id);
  expect(JSON.stringify(known)).not.toContain(root.traceId);
});

it("while traces are off, nothing is sent, and nothing is stored or delivered beside what always was", async () => {
  const { alert, collector, body, store } = await oneTick("off");
  expect(alert).not.toHaveProperty("traceparent");
  expect(JSON.parse(body)).not.toHaveProperty("traceparent");
  const [entry] = await store.redis.xrange(`{${KEY_TAG}}:log`, "-", "+");
  expect(entry?.[1].filter((_, i) => i % 2 === 0)).toEqual(["e", "s", "d", "p"]);
  expect(collector.requests).toEqual([]);
});
