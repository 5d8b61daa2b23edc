import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfigFile, parseConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/reading/faults.ts";
import type { DetectorPool } from "../../src/detect/contract.ts";

const read = (text: string, env: Record<string, string> = {}) => parseConfig(text, { file: "test.yaml", env });
const pools = (text: string): readonly DetectorPool[] => read(text).networks[0]?.model.pools ?? [];
const withRegions = (regions: string) => `networks: {bitcoin: {pools: {antpool: {regions: ${regions}}}}}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hashfall-config-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a configuration of pools and weights alone", () => {
  const json = JSON.stringify({
    networks: {
      bitcoin: {
        interval: "300s",
        pools: {
          foundry: { window: "600s", regions: { US: 0.9, KZ: 0.01 } },
          "1thash": { window: "10800s", regions: { KZ: 0.55513, OTHER: 0.44487 } },
        },
      },
    },
  });

  it("is valid JSON for a replay, without sources", () => {
    const network = read(json).networks[0];
    expect(network?.intervalMs).toBe(300_000);
    expect(network?.sources).toEqual([]);
    expect(network?.model.pools.map((p) => [p.id, p.windowSeconds])).toEqual([
      ["1thash", 10_800],
      ["foundry", 600],
    ]);
    expect(network?.model.blockIntervalSeconds).toBe(600);
  });

  it("has the defaults of every setting", () => {
    const config = read(json);
    expect(config.networks[0]?.model.detection.falseAlarmsPerMonth).toBe(0.1);
    expect(config.server).toMatchObject({ host: "127.0.0.1", tokens: [], heartbeatSeconds: 15 });
    expect(config.redis.url).toBeUndefined();
    expect(config.retention.samplesMs).toBe(30 * 86_400_000);
  });
});

describe("region weights", () => {
  it("give what they leave to OTHER", () => {
    expect(pools(withRegions("{KZ: 0.25, US: 0.5}"))[0]?.regions).toEqual([
      { region: "KZ", weight: 0.25, sd: 0.0625 },
      { region: "OTHER", weight: 0.25, sd: 0.0625 },
      { region: "US", weight: 0.5, sd: 0.125 },
    ]);
  });

  it("add the rest to an OTHER that is stated", () => {
    const regions = pools(withRegions("{KZ: 0.25, OTHER: 0.25}"))[0]?.regions ?? [];
    expect(regions.find((r) => r.region === "OTHER")?.weight).toBeCloseTo(0.75, 12);
  });

  it.each([
    ["0.1", 0.025],
    ["{weight: 0.1}", 0.025],
    ["{weight: 0.1, sd: 0.02, asOf: 2022-01, source: map}", 0.02],
    ["{weight: 0.1, asOf: 2022}", 0.025],
    ["0", 0],
  ])("of %s have the standard deviation %d", (weight, sd) => {
    const kz = pools(withRegions(`{KZ: ${weight}}`))[0]?.regions.find((r) => r.region === "KZ");
    expect(kz?.sd).toBeCloseTo(sd, 12);
  });

  it.each([
    ["2022", Date.UTC(2023, 0, 1)],
    ["2022-01", Date.UTC(2022, 1, 1)],
    ["2022-12", Date.UTC(2023, 0, 1)],
    ["2022-01-31", Date.UTC(2022, 1, 1)],
  ])("as of %s are of the end of that time", (asOf, end) => {
    const kz = pools(withRegions(`{KZ: {weight: 0.1, asOf: ${asOf}}}`))[0]?.regions.find((r) => r.region === "KZ");
    expect(kz?.asOf).toBe(end);
  });

  it.each([
    "{CN: 0.6, US: 0.401}",
    "{CN: 1}",
    "{}",
    "{EU: 0.2, OTHER: 0.8}",
    "{XK: 0.1}",
    "{APAC: 0.4}",
    "{US-TX: 0.1, US-GA: 0.2}",
  ])("accept %s", (regions) => {
    const sum = pools(withRegions(regions))[0]?.regions.reduce((total, r) => total + r.weight, 0) ?? 0;
    expect(sum).toBeGreaterThan(0.999_999);
    expect(sum).toBeLessThanOrEqual(1.001_001);
  });

  it("without a weight at all mean a pool that may be anywhere", () => {
    expect(pools("networks: {bitcoin: {pools: {antpool: {}}}}")[0]?.regions).toEqual([
      { region: "OTHER", weight: 1, sd: 0.25 },
    ]);
  });

  it("keep `NO` a country, not the word no", () => {
    expect(pools(withRegions("{NO: 0.5}"))[0]?.regions[0]?.region).toBe("NO");
  });
});

describe("a weights file", () => {
  const main = (weights: string) =>
    `networks:\n  bitcoin:\n    weights: ${weights}\n    pools: {antpool: {}, f2pool: {regions: {RU: 0.5}}}\n`;
  const load = (name: string, text: string, weights: string) => {
    writeFileSync(join(folder, `${name}-weights.yaml`), text);
    writeFileSync(join(folder, `${name}.yaml`), main(weights.replace("FILE", `${name}-weights.yaml`)));
    return loadConfigFile(join(folder, `${name}.yaml`), { env: {} });
  };
  const faults = async (config: Promise<unknown>) => {
    const error = await config.then(
      () => null,
      (e: unknown) => e,
    );
    if (!(error instanceof ConfigError)) throw new Error("the file was accepted");
    return error.message;
  };

  it("gives weights to the pools that have none of their own", async () => {
    const text =
      "bitcoin:\n  antpool: {asOf: 2025-11, source: map, relativeSd: 0.5, regions: {KZ: 0.2}}\n  f2pool: {regions: {KZ: 1}}\n";
    const { networks, files } = await load("good", text, "FILE");
    const [antpool, f2pool] = networks[0]?.model.pools ?? [];
    expect(antpool?.regions).toContainEqual({ region: "KZ", weight: 0.2, sd: 0.1, asOf: Date.UTC(2025, 11, 1) });
    expect(f2pool?.regions.map((r) => r.region)).toEqual(["OTHER", "RU"]);
    expect(networks[0]?.weightNotes).toEqual([{ pool: "antpool", region: "KZ", asOf: "2025-11", source: "map" }]);
    expect(files).toEqual([join(folder, "good-weights.yaml")]);
  });

  it("may hold several sections", async () => {
    const text = "bitcoin: {}\nbitcoin-2022:\n  antpool: {regions: {KZ: 0.2}}\n";
    const { networks } = await load("section", text, "{file: FILE, section: bitcoin-2022}");
    expect(networks[0]?.model.pools[0]?.regions[0]).toMatchObject({ region: "KZ", weight: 0.2 });
  });

  it("has its faults named in its own lines", async () => {
    const text = "bitcoin:\n  antpool:\n    regions: {KZ: 0.7, US: 0.5}\n";
    expect(await faults(load("sum", text, "FILE"))).toMatch(
      /sum-weights\.yaml:3:5: bitcoin\.antpool\.regions: the weights sum to 1\.2000/,
    );
  });

  it("without the network's section is refused at the configuration's line", async () => {
    expect(await faults(load("none", "bitcoins: {}\n", "FILE"))).toMatch(
      /none\.yaml:3:5: networks\.bitcoin\.weights: no section "bitcoin".*Did you mean bitcoins\?/,
    );
  });
});

describe("the hash of a configuration", () => {
  const hash = (text: string) => read(text).hash;
  const base =
    "networks: {bitcoin: {interval: 5m, pools: {a: {window: 1h, regions: {KZ: 0.2, US: 0.3}}, b: {regions: {CN: 1}}}}}";

  it("does not depend on the order of keys, the writing of a duration, or what detection does not use", () => {
    const same = [
      "networks: {bitcoin: {pools: {b: {regions: {CN: 1}}, a: {regions: {US: 0.3, KZ: {weight: 0.2, source: map}}, window: 60m}}, interval: 300s}}",
      `${base.slice(0, -3)}}}}\nserver: {port: 1234}\nlogging: {level: debug}`,
    ];
    for (const text of same) expect(hash(text), text).toBe(hash(base));
  });

  it.each([
    ["a weight", base.replace("KZ: 0.2", "KZ: 0.21")],
    ["an sd", base.replace("KZ: 0.2", "KZ: {weight: 0.2, sd: 0.01}")],
    ["a window", base.replace("1h", "2h")],
    ["the interval", base.replace("5m", "10m")],
    ["a pool", base.replace("b: {", "c: {")],
    ["the budget", base.replace("interval: 5m", "interval: 5m, detection: {falseAlarmsPerMonth: 1}")],
  ])("changes with %s", (_, text) => {
    expect(hash(text)).not.toBe(hash(base));
  });
});

describe("a configuration file", () => {
  it("that is not there is said in one line", async () => {
    await expect(loadConfigFile("no/such.yaml")).rejects.toMatchObject({
      code: "CONFIG_UNREADABLE",
      kind: "mistake",
      message: "no/such.yaml: there is no such file; name a configuration with --config FILE",
    });
  });

  it("that is a folder is said in one line", async () => {
    await expect(loadConfigFile(folder)).rejects.toMatchObject({
      code: "CONFIG_UNREADABLE",
      message: expect.stringContaining("it is a folder"),
    });
  });
});
