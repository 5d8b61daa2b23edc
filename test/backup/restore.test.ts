/** What Redis lost is put back from the backup: warm, with the same open alerts, and nothing is told twice. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type BackupKeeper, keepBackup } from "../../src/backup/keeper.ts";
import { makeConnections } from "../../src/store/connect.ts";
import { makeKeys } from "../../src/store/keys.ts";
import { commitOn, event, INTERVAL, publish, rate, SILENT, storeOn, T0, tick } from "../store/helpers.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

interface Rig {
  readonly folder: string;
  readonly store: ReturnType<typeof storeOn>;
  readonly errors: { msg: string }[];
  keep(): Promise<BackupKeeper>;
  /** What a flush of this installation alone does. */
  lose(): Promise<void>;
}

let tags = 0;

function rig(): Rig {
  const keyTag = `backup${tags++}`;
  const store = storeOn(server, { keyTag });
  const keys = makeKeys(keyTag);
  const folder = mkdtempSync(join(tmpdir(), "hf-backup-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const errors: { msg: string }[] = [];
  const logger = pino({ level: "warn" }, { write: (line: string) => void errors.push(JSON.parse(line)) });
  const connections = makeConnections({ url: server.url }, { logger: SILENT });
  onTestFinished(() => connections.close());
  return {
    folder,
    store,
    errors,
    async keep() {
      const real = { now: () => Date.now() };
      const keeper = await keepBackup(
        // By hand: `look` is asked for by loads and commits.
        { folder, maxBytes: 8e6, segmentTicks: 3, networks: () => ["bitcoin"], everyMs: 20 },
        { redis: store.redis, keys, states: store.states, real, data: { now: () => tick(100) }, logger },
      );
      onTestFinished(() => keeper.stop());
      return keeper;
    },
    async lose() {
      const found = await store.redis.keys(`{${keyTag}}*`);
      if (found.length > 0) await store.redis.del(...found);
    },
  };
}

/** A tick with a row each, committed through the keeper's states. */
async function decideTick(store: Rig["store"], n: number, events = [] as ReturnType<typeof event>[]): Promise<void> {
  await store.samples.append("bitcoin", tick(n), INTERVAL, [
    rate(tick(n), "antpool", n * 1e18),
    rate(tick(n) - 1, "f2pool", 1),
  ]);
  const state = await store.states.load("bitcoin");
  const read = await store.samples.readSince("bitcoin", state.cursor, tick(n), 100);
  const bytes = new TextEncoder().encode(`state ${n}`);
  const bundles = events.map(({ id, revision }) => ({ id, revision, network: "bitcoin" }) as never);
  const result = await store.states.commit(commitOn(state, tick(n), { cursor: read.cursor, bytes, events, bundles }));
  expect(result).toBe("committed");
}

const guarded = (store: Rig["store"], keeper: BackupKeeper): Rig["store"] => ({ ...store, states: keeper.states });

/** Until the backup has everything that was committed. */
async function saved(keeper: BackupKeeper): Promise<void> {
  await keeper.stop();
}

async function rowsOf(store: Rig["store"]) {
  const all = [];
  for await (const { at, rows } of store.samples.range("bitcoin", T0, tick(1_000))) all.push({ at, rows });
  return all;
}

describe("a Redis that lost everything", () => {
  it("has state, rows and open alerts back before anything is decided on it", async () => {
    const { store, keep, lose, errors } = rig();
    const first = guarded(store, await keep());
    await decideTick(first, 1);
    await decideTick(first, 2, [event("a-1", 1, tick(2)), event("b-1", 1, tick(2))]);
    await decideTick(first, 3, [event("a-1", 2, tick(3)), event("b-1", 2, tick(3), { type: "resolved" })]);
    const keeper = await keep();
    await saved(keeper);
    const rows = await rowsOf(store);
    const openBefore = await store.alerts.open();
    await lose();
    const again = await keep();
    const state = await again.states.load("bitcoin");
    expect(new TextDecoder().decode(state.bytes ?? new Uint8Array())).toBe("state 3");
    expect(state.tick).toBe(tick(3));
    const open = await store.alerts.open();
    expect(open.map(({ latest: { id, revision } }) => [id, revision])).toEqual([["a-1", 2]]);
    expect(open.map(({ latest: { cursor, ...alert } }) => alert)).toEqual(
      openBefore.map(({ latest: { cursor, ...alert } }) => alert),
    );
    expect((await store.alerts.get("b-1"))?.record.open ?? false).toBe(false);
    expect(await store.alerts.bundle("a-1")).toMatchObject({ id: "a-1", revision: 2 });
    expect((await rowsOf(store)).filter(({ at }) => at > tick(3))).toEqual(rows.filter(({ at }) => at > tick(3)));
    expect(errors.map(({ msg }) => msg)).toEqual([expect.stringMatching(/lost everything of bitcoin; it is restored/)]);
  });

  it("gets rows that came after the snapshot back to the last bit, those too that came late", async () => {
    const { store, keep, lose } = rig();
    const keeper = await keep();
    const through = guarded(store, keeper);
    await decideTick(through, 1);
    await expect.poll(() => store.redis.hget(makeKeys(`backup${tags - 1}`).state("bitcoin"), "lineage")).toBeTruthy();
    // Of tick 1, too late for it: it moves into the next one, beside that one's own row of the same pool.
    await store.samples.append("bitcoin", tick(1), INTERVAL, [rate(tick(1) - 5, "viabtc", 7)]);
    await store.samples.append("bitcoin", tick(2), INTERVAL, [rate(tick(2), "viabtc", 8)]);
    await decideTick(through, 2, [event("a-1", 1, tick(2))]);
    await saved(keeper);
    const before = await rowsOf(store);
    await lose();
    await keep();
    expect((await rowsOf(store)).filter(({ at }) => at === tick(2))).toEqual(before.filter(({ at }) => at === tick(2)));
    expect(
      before.find(({ at }) => at === tick(2))?.rows.filter((row) => "pool" in row && row.pool === "viabtc"),
    ).toHaveLength(2);
  });

  it("logs no event again that was told, when its tick is decided again", async () => {
    const { store, keep, lose } = rig();
    const keeper = await keep();
    const through = guarded(store, keeper);
    await decideTick(through, 1);
    await expect.poll(() => store.redis.hget(makeKeys(`backup${tags - 1}`).state("bitcoin"), "lineage")).toBeTruthy();
    await decideTick(through, 2, [event("a-1", 1, tick(2))]);
    const told = await store.alertLog.tail();
    await saved(keeper);
    await lose();
    const again = guarded(store, await keep());
    const epoch = await store.alertLog.epoch();
    expect(await store.alertLog.after(told, 10)).toEqual({ recovered: false, items: [] });
    const begin = await store.alertLog.tail();
    const state = await again.states.load("bitcoin");
    expect(state.tick).toBe(tick(1));
    const read = await store.samples.readSince("bitcoin", state.cursor, tick(2), 10);
    expect(read.ticks.map(({ at }) => at)).toEqual([tick(2)]);
    const events = [event("a-1", 1, tick(2)), event("c-1", 1, tick(2))];
    await again.states.commit(commitOn(state, tick(2), { cursor: read.cursor, events }));
    const news = await store.alertLog.after(begin, 10);
    expect(news.items.map(({ id }) => id)).toEqual(["c-1"]);
    expect(begin.startsWith(epoch)).toBe(true);
  });

  it("takes back what a detector without memory opened meanwhile, and says so in the log", async () => {
    const { store, keep, lose } = rig();
    const keeper = await keep();
    const through = guarded(store, keeper);
    for (let n = 1; n <= 4; n++) await decideTick(through, n, n === 4 ? [event("a-1", 1, tick(4))] : []);
    await saved(keeper);
    await lose();
    // Another process, without a backup, was first.
    await decideTick(store, 5, [event("cold-1", 1, tick(5))]);
    const begin = await store.alertLog.tail();
    await keep();
    expect((await store.alerts.open()).map(({ latest }) => latest.id)).toEqual(["a-1"]);
    expect((await store.alerts.get("cold-1"))?.record.latest).toMatchObject({
      ...{ type: "resolved", revision: 2, resolution: "retracted" },
    });
    expect((await store.states.load("bitcoin")).tick).toBeLessThanOrEqual(tick(4));
    expect((await store.alertLog.after(begin, 10)).recovered).toBe(false);
  });

  it("keeps its silences", async () => {
    const { store, keep, lose } = rig();
    await publish(store, []);
    const silence = await store.silences.add({
      ...{ region: "KZ", startsAt: new Date().toISOString(), endsAt: new Date(Date.now() + 3_600_000).toISOString() },
      ...{ by: "me", note: "" },
    });
    await saved(await keep());
    await lose();
    await keep();
    expect(await store.silences.list()).toEqual([silence]);
  });
});

describe("a backup", () => {
  it("is never put over a state that knows more", async () => {
    const { store, keep } = rig();
    const keeper = await keep();
    await decideTick(guarded(store, keeper), 1);
    await saved(keeper);
    await decideTick(store, 2);
    await decideTick(store, 3);
    await keep();
    expect((await store.states.load("bitcoin")).tick).toBe(tick(3));
  });

  it("whose last line is cut off is used up to there, and what was skipped is told", async () => {
    const { folder, store, keep, lose, errors } = rig();
    const keeper = await keep();
    await decideTick(guarded(store, keeper), 1, [event("a-1", 1, tick(1))]);
    await saved(keeper);
    const [newest = ""] = readdirSync(folder).toSorted().toReversed();
    appendFileSync(join(folder, newest), '{"backup":"place","network":"bitcoin","version":99');
    await lose();
    await keep();
    expect((await store.alerts.open()).map(({ latest }) => latest.id)).toEqual(["a-1"]);
    expect(errors.some(({ msg }) => /lines of the backup were skipped/.test(msg))).toBe(true);
  });

  it.each([
    ["nothing but garbage", () => "\u0000\u0001garbage\n"],
    ["a state that is not deflated", (text: string) => text.replace(/"bytes":"[^"]*"/, '"bytes":"AAAA"')],
    ["an alert without its JSON", (text: string) => text.replaceAll(/\|\{.*?\}"/g, '|{"')],
  ])("of %s leaves a service that goes on without it", async (_, damage) => {
    const { folder, store, keep, lose, errors } = rig();
    const keeper = await keep();
    await decideTick(guarded(store, keeper), 1, [event("a-1", 1, tick(1))]);
    await saved(keeper);
    const { readFileSync } = await import("node:fs");
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      writeFileSync(path, damage(readFileSync(path, "utf8")));
    }
    await lose();
    const again = guarded(store, await keep());
    await decideTick(again, 2);
    expect((await store.states.load("bitcoin")).version).toBe(1);
    expect(errors.length).toBeGreaterThan(0);
  });

  it("in a folder that cannot be used is a mistake that is told at the start", async () => {
    const { folder, store } = rig();
    writeFileSync(join(folder, "file"), "");
    const keys = makeKeys(`backup${tags - 1}`);
    const clock = { now: () => 0 };
    const options = { folder: join(folder, "file"), maxBytes: 8e6, segmentTicks: 3, networks: () => ["bitcoin"] };
    const deps = { redis: store.redis, keys, states: store.states, real: clock, data: clock, logger: SILENT };
    await expect(keepBackup(options, deps)).rejects.toMatchObject({ code: "BACKUP_UNWRITABLE" });
  });
});
