import { afterAll, beforeAll, expect, it } from "vitest";
import { makeCrossCheck } from "../../src/poll/cross-check.ts";
import type { PollEvent } from "../../src/poll/events.ts";
import { makeNewBlocks } from "../../src/poll/new-blocks.ts";
import { makePollTick } from "../../src/poll/poll-tick.ts";
import { storeOn } from "../store/helpers.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

const INTERVAL = 300_000;
const TICK = Date.UTC(2026, 0, 1, 12);

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

it("counts a tick as polled only when its decision was asked for, and then asks no source again", async () => {
  const store = storeOn(server);
  const events: PollEvent[] = [];
  let asked = 0;
  let queueIsAway = true;
  const pollTick = makePollTick({
    network: {
      name: "bitcoin",
      intervalMs: INTERVAL,
      sources: [],
      model: {
        network: "bitcoin",
        intervalSeconds: 300,
        pools: [],
        detection: {
          falseAlarmsPerMonth: 0.1,
          newRegimeAfterSeconds: 1_209_600,
          severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
        },
        configHash: "c1",
      },
    },
    holder: "test",
    sources: [
      {
        id: "a",
        hostKey: "a",
        pools: ["a"],
        minIntervalMs: INTERVAL,
        fetch: async () => {
          asked++;
          return { kind: "empty" };
        },
      },
    ],
    newBlocks: makeNewBlocks(),
    crossCheck: makeCrossCheck(600),
    samples: store.samples,
    claims: store.claims,
    clocks: { data: { now: () => TICK + 1_000 }, real: { now: () => Date.now() }, speed: 1 },
    random: () => 0,
    onTick: async () => {
      if (queueIsAway) throw new Error("the queue is away");
    },
    onEvent: (event) => void events.push(event),
  });
  const never = new AbortController().signal;
  await expect(pollTick(TICK, never)).rejects.toThrow("the queue is away");
  expect(await store.claims.isDone("bitcoin", TICK)).toBe(false);
  queueIsAway = false;
  expect(await pollTick(TICK, never)).toBe(true);
  expect(await store.claims.isDone("bitcoin", TICK)).toBe(true);
  expect(asked).toBe(1);
  expect(events.filter(({ type }) => type === "polled")).toHaveLength(1);
});
