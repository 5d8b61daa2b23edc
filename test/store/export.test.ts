import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { exportCommand } from "../../src/commands/export.ts";
import { loadConfigFile } from "../../src/config/load.ts";
import { parseSampleLine } from "../../src/model/sample-line.ts";
import { makeConnections } from "../../src/store/connect.ts";
import { startEmbedded } from "../../src/store/embedded/start-embedded.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { commitOn, INTERVAL, rate, SILENT, tick } from "./helpers.ts";
import { temporaryFolder } from "./processes.ts";

const network = (name: string) => `  ${name}: {interval: 5m, pools: {antpool: {window: 1h, regions: {KZ: 0.2}}}}\n`;

/** A service's folder: a configuration of some networks, and a store to fill. */
async function service(names: readonly string[]) {
  const folder = temporaryFolder();
  const [configFile, dataDir, output] = ["c.yaml", "data", "out.ndjson"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(configFile, `networks:\n${names.map(network).join("")}`);
  const { keyTag } = (await loadConfigFile(configFile, { env: {} })).redis;
  const embedded = await startEmbedded({ dataDir, fetchServer: false, say: () => {} }, { logger: SILENT });
  const connections = makeConnections({ url: embedded.url }, { logger: SILENT });
  const stop = async () => {
    await connections.close();
    await embedded.stop();
  };
  onTestFinished(stop);
  const openFollower = () => connections.open("follow");
  const real = { now: () => Date.now() };
  const store: Store = makeStore(
    { keyTag },
    { redis: connections.open("command"), openFollower, real, logger: SILENT },
  );
  const run = async (...args: string[]) => {
    const all = ["--config", configFile, "--data", dataDir, "--output", output, ...args];
    await exportCommand().exitOverride().parseAsync(all, { from: "user" });
    const lines = readFileSync(output, "utf8").trimEnd().split("\n");
    return lines.map((line) => {
      const parsed = parseSampleLine(line);
      if (!parsed.ok) throw new Error(`${line}: ${parsed.why}`);
      return parsed;
    });
  };
  return { store, run, stop, output, folder };
}

describe("export", () => {
  test("writes what the detector got, tick by tick, with the empty ticks and the rows that were moved", async () => {
    const { store, run, stop } = await service(["bitcoin"]);
    const row = rate(tick(1) - 1500, "antpool", 2.9e19, { observedAt: tick(1) - 60_000, windowSeconds: 3600 });
    await store.samples.append("bitcoin", tick(1), INTERVAL, [row]);
    const state = await store.states.load("bitcoin");
    const { cursor } = await store.samples.readSince("bitcoin", state.cursor, tick(1), 10);
    expect(await store.states.commit(commitOn(state, tick(1), { cursor }))).toBe("committed");
    const late = rate(tick(1), "f2pool", 1e19);
    await store.samples.append("bitcoin", tick(1), INTERVAL, [late]);
    await store.samples.append("bitcoin", tick(3), INTERVAL, []);
    const block = { kind: "block", at: tick(4), pool: "antpool", height: 717_300, difficulty: 2.4e13 } as const;
    await store.samples.append("bitcoin", tick(4), INTERVAL, [block]);

    const expected = [
      { kind: "tick", at: tick(1) },
      row,
      { kind: "tick", at: tick(2) },
      { ...late, at: tick(2), observedAt: tick(1) },
      { kind: "tick", at: tick(3) },
      { kind: "tick", at: tick(4) },
      block,
    ];
    const whileRunning = await run();
    expect(whileRunning.map(({ sample }) => sample)).toEqual(expected);
    expect(whileRunning.every((line) => line.network === undefined)).toBe(true);
    await stop();
    const span = ["--from", "2022-01-05T10:10:00Z", "--to", "2022-01-05T10:15:00Z"];
    expect((await run(...span)).map(({ sample }) => sample)).toEqual(expected.slice(2, 5));
  });

  test("puts several networks in order of time, each line saying whose it is", async () => {
    const { store, run } = await service(["bitcoin", "litecoin"]);
    for (const [name, n] of [
      ["litecoin", 1],
      ["bitcoin", 1],
      ["bitcoin", 2],
      ["litecoin", 3],
    ] as const) {
      await store.samples.append(name, tick(n), INTERVAL, []);
    }
    expect((await run()).map((line) => [line.network, line.sample.at])).toEqual([
      ["bitcoin", tick(1)],
      ["litecoin", tick(1)],
      ["bitcoin", tick(2)],
      ["litecoin", tick(3)],
    ]);
    expect((await run("--network", "litecoin")).map((line) => line.network)).toEqual(["litecoin", "litecoin"]);
  });

  test.each([
    ["a network that is not configured", ["--network", "dogecoin"], /dogecoin.*bitcoin/],
    ["a time without its zone", ["--from", "2022-01-05T10:00"], /zone/],
    ["an empty span", ["--from", "2022-01-05T10:00:00Z", "--to", "2022-01-04T10:00:00Z"], /--from/],
    ["a folder that nothing was stored in", ["--data", "/tmp/hf-test-nothing"], /nothing was ever stored/],
    ["an output that cannot be written", ["--output", "/proc/out.ndjson"], /\/proc\/out/],
  ])("refuses %s in a line", async (_, args, text) => {
    const { run, output } = await service(["bitcoin"]);
    await expect(run(...args)).rejects.toThrow(text);
    expect(existsSync(output)).toBe(false);
    expect(existsSync(`${output}.part`)).toBe(false);
  });
});
