/**
 * A real process that is killed with SIGKILL at any message to Redis while it delivers: whoever goes on tells the receiver
 * everything (a second time perhaps, with the same id), and the alert log stays as it was, byte for byte. `EVERY=6` tries every
 * sixth message alone.
 */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeKeys } from "../../../src/store/keys.ts";
import { Receiver } from "../../deliver/webhook/receiver.ts";
import { outage, TestSite, webhookConfig } from "../../deliver/webhook/replica.ts";
import { type RunningCli, startNode } from "../../support/cli.ts";
import { startTestRedis, type TestRedis } from "../../support/redis.ts";
import { startKillingProxy } from "./killing-proxy.ts";

const PROCESS = fileURLToPath(new URL("./delivering-process.mjs", import.meta.url));
const EVERY = Number(process.env.EVERY ?? 1);
/** So many processes at once: those that go on all wait for the same locks to run out. */
const AT_ONCE = EVERY > 1 ? 6 : 12;

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

describe("a process that is killed at any message of a delivery", () => {
  it.each([
    ["before Redis has it", false],
    ["when Redis has it and has not answered", true],
  ])("%s, leaves nothing untold, and the log as it was", async (when, isPassed) => {
    /** One process against a site of its own with two events, killed at a message; null when it was through before that. */
    async function killedAt(message: number) {
      const keyTag = `delivery-${isPassed}-${message}`;
      const site = TestSite.on(redis, keyTag);
      const receiver = await Receiver.start();
      const webhook = webhookConfig({ url: receiver.url });
      await site.store.webhookCursors.get(webhook.name, () => site.store.alertLog.tail());
      const events = [outage(), outage()];
      await site.publish(...events);
      const log = () => redis.client().xrangeBuffer(makeKeys(keyTag).log, "-", "+");
      const before = await log();
      let running: RunningCli | undefined;
      const kill = () => void running?.child.kill("SIGKILL");
      const proxy = await startKillingProxy({ message, isPassed }, { redisSocket: redis.socketPath, kill });
      running = startNode([PROCESS, JSON.stringify({ port: proxy.port, keyTag, webhook })]);
      // Told of both, and the queue knows that both are done.
      const queue = site.replica([webhook], { without: "worker" }).queue;
      const isThrough = async () => (await queue.counts()).completed === events.length;
      const through = new AbortController();
      const finished = (async () => {
        while (!through.signal.aborted && !(await isThrough())) await new Promise((resolve) => setTimeout(resolve, 50));
        return "finished" as const;
      })();
      const how = await Promise.race([running.ended, finished]);
      through.abort();
      if (how === "finished") await running.stop("SIGKILL");
      proxy.stop();
      const wanted = events.map(({ id, revision }) => `${id}-${revision}`).sort();
      return { site, receiver, webhook, wanted, log, before, how, isThrough, message };
    }

    let kills = 0;
    for (let from = 0, isOver = false; !isOver; from += AT_ONCE) {
      const cases = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => killedAt((from + i) * EVERY)));
      await Promise.all(
        cases.map(async ({ site, receiver, webhook, wanted, log, before, how, isThrough, message }) => {
          if (how !== "finished") {
            expect(how, `at message ${message}`).toBe("SIGKILL");
            site.replica([webhook]);
            kills++;
          }
          await expect.poll(isThrough, { timeout: 60_000, interval: 100, message: `at message ${message}` }).toBe(true);
          expect([...new Set(receiver.ids())].sort(), `killed at message ${message}`).toEqual(wanted);
          expect(await log()).toEqual(before);
          await site.stop();
          receiver.close();
        }),
      );
      isOver = cases.every(({ how }) => how === "finished");
    }
    console.log(`killed at each of ${kills} messages of a delivery, ${when}`);
    expect(kills).toBeGreaterThan(10 / EVERY);
  });
});
