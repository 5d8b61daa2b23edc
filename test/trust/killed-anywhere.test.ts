/**
 * A process that is killed at any await of a poll and of the decision after it: whoever goes on leaves the same log, byte for
 * byte. The kill is at a message to Redis, before it arrives or after it has worked and before its answer; what the dead
 * process would have done next never comes.
 */
import { connect, createServer, type Socket } from "node:net";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decide } from "../../src/jobs/decide.ts";
import type { RedisClient } from "../../src/store/connect.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { makeCountingEngine } from "../jobs/counting-engine.ts";
import { INTERVAL, rate, SILENT, tick } from "../store/helpers.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const TICKS = 3;
/** A dead claimant's lease. */
const LEASE_MS = 60;
let tags = 0;

function storeFor(redis: Redis, keyTag: string): Store {
  const openFollower = (): never => {
    throw new Error("nobody follows here");
  };
  const real = { now: () => 1_700_000_000_000 };
  return makeStore({ keyTag }, { redis: redis as RedisClient, openFollower, real, logger: pino({ level: "silent" }) });
}

/** A poll of a tick, then its decision, as poller and worker do them. */
async function work(store: Store, n: number): Promise<void> {
  const claimed = await store.claims.claim("bitcoin", tick(n), "here", LEASE_MS);
  if (claimed !== null) {
    const rows = ["antpool", "f2pool", "viabtc"].map((pool) => rate(tick(n), pool, n * 1e18));
    await store.samples.append("bitcoin", tick(n), INTERVAL, rows);
    await claimed.claim.renew();
    await claimed.claim.complete();
  }
  const { samples, states } = store;
  const deps = {
    samples,
    states,
    engine: makeCountingEngine(),
    real: { now: () => 0 },
    logger: SILENT,
    onCommitted: () => {},
  };
  await decide({ network: "bitcoin", throughTick: tick(n), configHash: "c", generation: 1 }, deps);
}

/** Carries messages until the one at which the process dies; resolves `died` then. */
async function dyingAt(message: number, isAnswered: boolean) {
  let seen = 0;
  let dead = false;
  let die = (): void => undefined;
  const died = new Promise<"died">((resolve) => {
    die = () => resolve("died");
  });
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(server.socketPath);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    near.on("data", (data) => {
      if (dead) return;
      dead = seen++ === message;
      if (!dead || isAnswered) far.write(data);
      // Redis has the message when it answers; only then does the next process begin.
      if (dead && !isAnswered) die();
    });
    far.on("data", (data) => {
      if (dead) die();
      else near.write(data);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as { port: number };
  const redis = new Redis({ port, host: "127.0.0.1", enableReadyCheck: false, retryStrategy: () => null });
  redis.on("error", () => undefined);
  return {
    redis,
    died,
    stop() {
      redis.disconnect();
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}

/** Everything that a client could see: the log's events and each alert's record, without the times of delivery. */
async function seen(store: Store): Promise<string> {
  const start = `${await store.alertLog.epoch()}~0-0`;
  const { items } = await store.alertLog.after(start, 1_000);
  const strip = ({ cursor, latency, ...event }: (typeof items)[number]) => JSON.stringify(event);
  const { items: records } = await store.alerts.list({ limit: 100 });
  const state = await store.states.load("bitcoin");
  const bytes = Buffer.from(state.bytes ?? []).toString("hex");
  return [...items.map(strip), ...records.map(({ latest }) => strip(latest)), bytes].join("\n");
}

describe("a process that is killed at any message of a poll and its decision", () => {
  it.each([
    ["before Redis has it", false],
    ["when Redis has done it and not answered", true],
  ])(
    "%s, leaves the same log as one that was not",
    async (_, isAnswered) => {
      const plain = storeFor(server.client(), `kill${tags++}`);
      for (let n = 1; n <= TICKS; n++) await work(plain, n);
      const undisturbed = await seen(plain);
      let kills = 0;
      for (let message = 0; ; message++) {
        const keyTag = `kill${tags++}`;
        const next = storeFor(server.client(), keyTag);
        await work(next, 1);
        const victim = await dyingAt(message, isAnswered);
        const ended = await Promise.race([
          work(storeFor(victim.redis, keyTag), 2).then(
            () => "done" as const,
            () => "died" as const,
          ),
          victim.died,
        ]);
        victim.stop();
        if (ended === "done") break;
        kills++;
        // Its lease runs out; another takes the tick over.
        await expect
          .poll(
            () =>
              next.claims
                .isDone("bitcoin", tick(2))
                .then(async (done) => done || (await next.claims.claim("bitcoin", tick(2), "look", 1)) !== null),
            { interval: 20 },
          )
          .toBe(true);
        await new Promise((resolve) => setTimeout(resolve, 5));
        for (let n = 2; n <= TICKS; n++) await work(next, n);
        expect(await seen(next), `killed at message ${message}`).toBe(undisturbed);
      }
      console.log(`killed at each of ${kills} messages, ${isAnswered ? "after" : "before"} Redis had it`);
      expect(kills).toBeGreaterThan(8);
    },
    120_000,
  );
});
