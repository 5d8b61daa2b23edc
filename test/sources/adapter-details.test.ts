import { describe, expect, it } from "vitest";
import { edited, rateOf, rowsOf, says, useUpstream } from "./asking.ts";
import { fetchOnce, fixture, NOW } from "./upstream.ts";

const here = useUpstream();
const asking: ReturnType<typeof here>["asking"] = (...given) => here().asking(...given);
const source: ReturnType<typeof here>["source"] = (...given) => here().source(...given);

describe("what else adapters must know", () => {
  it("blocks of pools that the configuration does not know are passed on under their own name", async () => {
    const rows = rowsOf(
      await asking("mempool", fixture("mempool/blocks.json"), {}, { pools: { foundryusa: "foundry" } }),
    );
    expect(rows.map((row) => row.pool)).toEqual(["someotherpool", "antpool", "foundry"]);
  });

  it("blocks that the server attributes to nobody are left out and counted: they are no unknown pool's", async () => {
    const partly = edited("mempool/blocks.json", (blocks: { extras: { pool?: unknown } }[]) => {
      delete blocks[0]?.extras.pool;
    });
    const pools = { foundryusa: "foundry" };
    const outcome = await asking("mempool", partly, {}, { pools });
    expect(rowsOf(outcome).length).toBe(2);
    expect(outcome).toMatchObject({ skipped: { "unusable block": 1 } });
    const bare = edited("mempool/blocks.json", (blocks: { extras?: unknown }[]) => {
      for (const block of blocks) delete block.extras;
    });
    expect(await asking("mempool", bare, {}, { pools })).toMatchObject({ kind: "error", class: "semantic" });
  });

  it("after a pause, mempool's older pages are asked for until the gap is closed", async () => {
    const mine = source("mempool", {}, { pools: { foundryusa: "foundry" } });
    here().upstream.answer(
      says(
        edited("mempool/blocks.json", (blocks: { height: number }[]) => {
          for (const block of blocks) block.height -= 5;
        }),
      ),
    );
    await fetchOnce(mine);
    here().upstream.answer((request, response) => {
      response.end(fixture(request.url === "/api/v1/blocks" ? "mempool/blocks.json" : "mempool/older.json"));
    });
    const rows = rowsOf(await fetchOnce(mine));
    expect(rows.map((row) => row.kind === "block" && row.height)).toEqual([
      929_999, 930_000, 930_001, 930_002, 930_003,
    ]);
    expect(here().upstream.asked.at(-1)?.path).toBe("/api/v1/blocks/930000");
  });

  it("a ckpool whose file stands still is stale, not falling", async () => {
    here().upstream.answer(says(fixture("ckpool/pool.status")));
    expect(await fetchOnce(source("ckpool"), NOW + 300_000)).toMatchObject({ class: "stale" });
  });

  it("rental rigs: number in PH beside string in TH, offline ones counted, every page asked for", async () => {
    here().upstream.answer(says(fixture("miningrigrentals/rig.json")));
    const outcome = await fetchOnce(source("miningrigrentals"));
    expect(outcome).toMatchObject({ kind: "ok", skipped: { "offline rig": 1 } });
    const byRegion = rowsOf(outcome).map((row) => (row.kind === "rate" ? [row.region, row.hashrate] : []));
    expect(byRegion).toEqual([
      ["EU", 4.005e14],
      ["US", 9.95e13],
    ]);
    const rig = (JSON.parse(fixture("miningrigrentals/one-rig.json")) as { data: { records: unknown[] } }).data
      .records[0];
    here().upstream.answer((request, response) => {
      const offset = Number(new URL(request.url ?? "", "http://x").searchParams.get("offset"));
      const records = Array(offset === 0 ? 100 : 30).fill(rig) as unknown[];
      response.end(JSON.stringify({ success: true, data: { total: 130, records } }));
    });
    const [all] = rowsOf(await fetchOnce(source("miningrigrentals")));
    expect(all?.raw.text).toBe("130 rigs");
  });

  it("rental rigs are asked for with a signature over the path alone, and a nonce that only rises", async () => {
    here().upstream.answer(says(fixture("miningrigrentals/rig.json")));
    const mine = source("miningrigrentals", { apiKey: { env: "TOKEN" }, apiSecret: { env: "TOKEN" } });
    await fetchOnce(mine);
    await fetchOnce(mine);
    const nonces = here().upstream.asked.map(({ headers }) => Number(headers["x-api-nonce"]));
    expect(nonces[1]).toBeGreaterThan(nonces[0] ?? Number.POSITIVE_INFINITY);
    expect(here().upstream.asked[0]?.headers["x-api-sign"]).toMatch(/^[0-9a-f]{40}$/);
  });

  it("one unknown server of a region makes the region unknown, never smaller", async () => {
    const body =
      '{"data":[{"server":"eu1","hashrate":null},{"server":"eu2","hashrate":5},{"server":"us1","hashrate":7}]}';
    const options = { shape: "rows", at: "data", name: "server", regions: { eu1: "EU", eu2: "EU", us1: "US" } };
    const rows = rowsOf(await asking("regions-map", body, options));
    expect(rows.map((row) => (row.kind === "rate" ? [row.region, row.hashrate] : []))).toEqual([
      ["EU", null],
      ["US", 7],
    ]);
  });

  it("regions that the configuration does not name are counted", async () => {
    const options = { shape: "map", at: "result.regions", regions: { us: "US" } };
    expect(await asking("regions-map", fixture("regions-map/map.json"), options)).toMatchObject({
      skipped: { "unknown region": 3 },
    });
    const none = { ...options, regions: { xx: "US" } };
    expect(await asking("regions-map", fixture("regions-map/map.json"), none)).toMatchObject({ class: "semantic" });
  });

  it("a coin of several algorithms needs one named", async () => {
    const body = fixture("open-ethereum-pool/several-algorithms.json");
    expect(await asking("open-ethereum-pool", body)).toMatchObject({
      class: "semantic",
      detail: expect.stringContaining("29, 32"),
    });
    expect(rateOf(await asking("open-ethereum-pool", body, { algorithm: "32" }))).toBe(98_000);
  });

  it("a cryptonote pool whose chart ended hours ago is stale; half-hour steps are not", async () => {
    const ended = (minutes: number) =>
      edited("cryptonote/stats.json", (data: { charts: { hashrate: number[][] } }) => {
        data.charts.hashrate = [[NOW / 1000 - minutes * 60, 1, 1]];
      });
    expect((await asking("cryptonote", ended(45))).kind).toBe("ok");
    expect(await asking("cryptonote", ended(120))).toMatchObject({ class: "stale" });
  });

  it("a p2pool that is still syncing is not believed", async () => {
    const syncing = edited("p2pool/stats.json", (data: { pool_statistics: { sidechainHeight: number } }) => {
      data.pool_statistics.sidechainHeight = 12;
    });
    expect(await asking("p2pool", syncing)).toMatchObject({ class: "semantic" });
    expect(rateOf(await asking("p2pool", fixture("p2pool/global_stats.json"), { chain: "bitcoin" }))).toBe(1.25e15);
  });
});

describe("times that only headers say", () => {
  it("the age of a cached copy is the figure's; the date of a program is not", async () => {
    const old = { age: "600", "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT" };
    const [row] = rowsOf(await asking("nodejs-pool", says(fixture("nodejs-pool/stats.json"), old)));
    expect(row).toMatchObject({ observedAt: NOW - 600_000, observedAtBasis: "header" });
    const fresh = { age: "0", "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT" };
    const [now] = rowsOf(await asking("nodejs-pool", says(fixture("nodejs-pool/stats.json"), fresh)));
    expect(now?.observedAt).toBeUndefined();
  });

  it("a file's own date is the figure's", async () => {
    const written = { "last-modified": new Date(NOW - 90_000).toUTCString() };
    const [row] = rowsOf(await asking("p2pool", says(fixture("p2pool/stats.json"), written)));
    expect(row).toMatchObject({ observedAt: NOW - 90_000, observedAtBasis: "header" });
  });
});
