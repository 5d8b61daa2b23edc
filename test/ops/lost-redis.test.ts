/** A service whose Redis loses everything while an alert is open: it goes on from its backup, and tells nobody anything twice. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { DeliveredAlert } from "../../src/model/alert.ts";
import { Receiver } from "../deliver/webhook/receiver.ts";
import { followAlerts } from "../support/alert-tape.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { decideHistory, SHUTDOWN, socketUrl, startPools, startService, urlOf, warmUp } from "../support/service.ts";

const closers: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const LOSSES: readonly (readonly [string, (redis: TestRedis) => Promise<unknown>])[] = [
  ["is flushed", (redis) => redis.client().flushall()],
  [
    "is killed and comes back empty",
    async (redis) => {
      await redis.kill();
      rmSync(join(redis.dir, "appendonlydir"), { recursive: true, force: true });
      await redis.start();
    },
  ],
];

it.each(LOSSES)(
  "a Redis that %s costs no open alert, and nothing is told twice",
  async (_, lose) => {
    const dir = mkdtempSync("/tmp/hf-lost-");
    closers.push(() => rmSync(dir, { recursive: true, force: true }));
    const redis = await startTestRedis({ appendonly: true });
    closers.push(() => redis.stop());
    const receiver = await Receiver.start();
    closers.push(() => receiver.close());
    const pools = await startPools({ dir, networks: ["bitcoin"], seed: 1, speed: 100, start: SHUTDOWN - 600_000 });
    closers.push(() => pools.stop());
    const config = JSON.parse(readFileSync(pools.configPath, "utf8")) as Record<string, unknown>;
    config.retention = { backup: { folder: join(dir, "backup") } };
    config.webhooks = { hook: { url: receiver.url, allowPrivate: true } };
    writeFileSync(pools.configPath, JSON.stringify(config));
    const admin = redis.client({ maxRetriesPerRequest: null });
    await warmUp(pools, admin);
    await decideHistory(pools, admin);
    const service = startService({ pools, roles: ["poll", "detect", "serve"], redisUrl: redis.url });
    closers.push(() => void service.child.kill("SIGKILL"));
    const url = await urlOf(service);
    const tape = followAlerts(socketUrl(url));
    closers.push(() => tape.stop());

    const opened = await tape.heard(({ scope, region }) => scope === "region" && region === "KZ");
    await receiver.until(() => receiver.ids().some((id) => id.startsWith(opened.id)));
    const open = async (): Promise<DeliveredAlert[]> => {
      const answer = await fetch(`${url}/api/v1/alerts?state=open&limit=500`).catch(() => null);
      return answer?.ok ? ((await answer.json()) as { items: DeliveredAlert[] }).items : [];
    };
    const before = await open();
    expect(before.map(({ id }) => id)).toContain(opened.id);
    const tickBefore = Number(await admin.hget("{hashfall}:state:bitcoin", "tick"));

    await lose(redis);
    const lostAt = performance.now();
    await service.says(/Redis lost everything of bitcoin; it is restored from the backup/);
    const tick = async () => Number(await admin.hget("{hashfall}:state:bitcoin", "tick"));
    await expect.poll(tick, { timeout: 60_000, interval: 50 }).toBeGreaterThan(tickBefore);
    console.log(`the next tick was decided ${((performance.now() - lostAt) / 1000).toFixed(1)} s after the loss`);

    // Each of them is there under its id, at the same revision or a later one; and the detector is warm.
    for (const { id, revision } of before) {
      const revisionNow = async (): Promise<number> => {
        const answer = await fetch(`${url}/api/v1/alerts/${id}`).catch(() => null);
        return answer?.ok ? ((await answer.json()) as { revision: number }).revision : 0;
      };
      await expect.poll(revisionNow, { timeout: 20_000, message: id }).toBeGreaterThanOrEqual(revision);
    }
    const networks = (await (await fetch(`${url}/api/v1/networks`)).json()) as { items: { state: string }[] };
    expect(networks.items[0]?.state).not.toBe("warming");

    // A client with a cursor of the old epoch gets a snapshot of what is open.
    const old = followAlerts(socketUrl(url), opened.cursor);
    closers.push(() => old.stop());
    await expect.poll(() => old.gaps, { timeout: 20_000 }).toBeGreaterThan(0);

    // Two more ticks, so that whatever would be told again has been.
    const at = await tick();
    await expect.poll(tick, { timeout: 60_000, interval: 50 }).toBeGreaterThan(at + 300_000);
    const told = tape.events.map(({ id, revision }) => `${id}-${revision}`);
    expect(new Set(told).size, told.join(" ")).toBe(told.length);
    const sent = receiver.ids();
    expect(new Set(sent).size, sent.join(" ")).toBe(sent.length);
  },
  600_000,
);
