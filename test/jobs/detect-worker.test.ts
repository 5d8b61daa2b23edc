import type { ConnectionOptions } from "bullmq";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Committed } from "../../src/jobs/decide.ts";
import { type DetectQueue, makeDetectQueue } from "../../src/jobs/detect-queue.ts";
import { type DetectWorker, makeDetectWorker } from "../../src/jobs/detect-worker.ts";
import type { Sample } from "../../src/model/sample.ts";
import { type Connections, makeConnections } from "../../src/store/connect.ts";
import { makeKeys } from "../../src/store/keys.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { servedTime } from "../support/served-time.ts";
import { makeCountingEngine } from "./counting-engine.ts";

const INTERVAL = 300_000;
const START = Date.UTC(2022, 0, 5);
const tickAt = (n: number): number => START + n * INTERVAL;
const logger = pino({ level: "silent" });
const real = { now: () => Date.now() };

let server: TestRedis;
let connections: Connections;
let tags = 0;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startTestRedis({ appendonly: true });
  connections = makeConnections({ url: server.url }, { logger });
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await connections.close();
  await server.stop();
});

interface World {
  store: Store;
  engine: ReturnType<typeof makeCountingEngine>;
  queue: DetectQueue;
  startWorker(configHash?: string): Promise<DetectWorker>;
  /** Resolves with the commit of this tick. */
  committed(tick: number): Promise<Committed>;
}

function setUp(): World {
  const keyTag = `w${++tags}`;
  const keys = makeKeys(keyTag);
  const redis = connections.open("command");
  const store = makeStore({ keyTag }, { redis, openFollower: () => connections.open("follow"), real, logger });
  const engine = makeCountingEngine();
  const seen: Committed[] = [];
  const listeners = new Set<() => void>();
  const queue = makeDetectQueue(
    { prefix: keys.queuePrefix, tickMs: 1000 },
    { connection: connections.open("queue") as ConnectionOptions, logger },
  );
  closers.push(() => queue.stop());
  return {
    store,
    engine,
    queue,
    async startWorker(configHash = "h") {
      const worker = makeDetectWorker(
        {
          prefix: keys.queuePrefix,
          networks: ["bitcoin"],
          configHash,
          generation: await store.generations.register(configHash),
        },
        {
          connection: connections.open("worker") as ConnectionOptions,
          samples: store.samples,
          states: store.states,
          engine,
          real,
          logger,
          onCommitted: (committed) => {
            seen.push(committed);
            for (const listener of listeners) listener();
          },
        },
      );
      closers.push(() => worker.stop());
      return worker;
    },
    committed(tick) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = seen.find((committed) => committed.tick === tick);
          if (found) resolve(found);
        };
        listeners.add(look);
        look();
      });
    },
  };
}

const row = (n: number): Sample => ({ kind: "rate", at: tickAt(n), pool: "a", hashrate: 1e18, source: "s" });

describe("the detect queue and its worker", () => {
  it("runs the same tick once however often it is asked for", async () => {
    const world = setUp();
    await world.store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0)]);
    for (let i = 0; i < 5; i++) await world.queue.enqueue("bitcoin", tickAt(0));
    expect(await world.queue.counts()).toMatchObject({ waiting: 1 });
    await world.startWorker();
    await world.committed(tickAt(0));
    await world.queue.enqueue("bitcoin", tickAt(0));
    await world.store.samples.append("bitcoin", tickAt(1), INTERVAL, [row(1)]);
    await world.queue.enqueue("bitcoin", tickAt(1));
    await world.committed(tickAt(1));
    expect(world.engine.runs).toBe(2);
  });

  it("runs every tick of an interval shorter than a minute", async () => {
    const world = setUp();
    await world.startWorker();
    for (const at of [START + 10_000, START + 20_000, START + 30_000]) {
      await world.store.samples.append("bitcoin", at, 10_000, []);
      await world.queue.enqueue("bitcoin", at);
      await world.committed(at);
    }
  });

  it("tries a failed decision again within seconds, and says when a job last ended well", async () => {
    const world = setUp();
    await world.store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0)]);
    let failures = 2;
    world.engine.before = async () => {
      if (failures-- > 0) throw new Error("the thread is gone");
    };
    const worker = await world.startWorker();
    expect(worker.lastCompletedAt()).toBeNull();
    const { ms } = await servedTime(async () => {
      await world.queue.enqueue("bitcoin", tickAt(0));
      await world.committed(tickAt(0));
    });
    expect(ms).toBeLessThan(5_000);
    await world.store.samples.append("bitcoin", tickAt(1), INTERVAL, [row(1)]);
    await world.queue.enqueue("bitcoin", tickAt(1));
    await world.committed(tickAt(1));
    expect(worker.lastCompletedAt()).not.toBeNull();
  });

  it("leaves the job of a network it does not know as failed, not as done", async () => {
    const world = setUp();
    await world.startWorker();
    await world.queue.enqueue("dogecoin", tickAt(0));
    // Four attempts with back-off of 0.25, 0.5 and 1 s; the queue itself tells when it is over.
    await expect.poll(() => world.queue.counts(), { interval: 50 }).toMatchObject({ failed: 1 });
    expect(world.engine.runs).toBe(0);
  });

  it("leaves every tick to the others when a newer configuration is in force, and none waits for the next tick", async () => {
    const world = setUp();
    const old = await world.startWorker("old");
    await world.startWorker("new");
    for (let n = 0; n < 6; n++) {
      await world.store.samples.append("bitcoin", tickAt(n), INTERVAL, [row(n)]);
      await world.queue.enqueue("bitcoin", tickAt(n));
      await world.committed(tickAt(n));
      if (old.superseded()) break;
    }
    expect(old.superseded()).toBe(true);
    expect((await world.store.states.load("bitcoin")).configHash).toBe("new");
    expect(await world.queue.counts()).toMatchObject({ failed: 0 });
  });

  it("goes on after Redis was killed and came back, and refuses quickly while it is away", async () => {
    const world = setUp();
    await world.store.samples.append("bitcoin", tickAt(0), INTERVAL, [row(0)]);
    await world.startWorker();
    await world.queue.enqueue("bitcoin", tickAt(0));
    await world.committed(tickAt(0));
    await server.kill();
    const refused = () => expect(world.queue.enqueue("bitcoin", tickAt(1))).rejects.toThrow();
    expect((await servedTime(refused)).ms).toBeLessThan(8_000);
    await server.start();
    const append = async (): Promise<void> => {
      await world.store.samples.append("bitcoin", tickAt(2), INTERVAL, [row(2)]);
      await world.queue.enqueue("bitcoin", tickAt(2));
    };
    // The connection needs a moment to come back; a poller would simply come with its next tick.
    const isDone = (): Promise<boolean> =>
      append().then(
        () => true,
        () => false,
      );
    await expect.poll(isDone, { interval: 50 }).toBe(true);
    expect((await world.committed(tickAt(2))).tick).toBe(tickAt(2));
  });
});
