import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startNotices } from "../../src/commands/start-notices.ts";
import { loadConfigFile } from "../../src/config/load.ts";
import { defaultConfigPath } from "../../src/config/paths.ts";
import { editorJsonSchema } from "../../src/config/schema/generated-schema.ts";
import { OTHER_REGION } from "../../src/model/region.ts";
import { SOURCE_TYPES } from "../../src/sources/registry.ts";
import { filesBelow, ROOT } from "../house/source-files.ts";

const SHIPPED = ["bitcoin", "litecoin", "monero"];
const ENV = { HASHFALL_SIMULATOR_URL: "http://127.0.0.1:4000" };
const load = (name: string) => loadConfigFile(join(ROOT, "config", `${name}.yaml`), { env: ENV });
/** Percent of the blocks of the 30 days to 22 April 2026, as regions.yaml says. */
const POOL_PERCENT: Readonly<Record<string, number>> = {
  foundryusa: 30.9,
  antpool: 18.0,
  f2pool: 11.1,
  viabtc: 9.0,
  spiderpool: 8.2,
  secpool: 5.2,
  marapool: 4.8,
  luxor: 3.3,
  binancepool: 2.2,
  sbicrypto: 2.0,
  ocean: 1.4,
  braiinspool: 1.4,
  unknown: 2.5,
};
/** Files of Kubernetes are no configurations, except the one that a map mounts as such. */
const isConfiguration = (path: string): boolean =>
  !path.endsWith("regions.yaml") && (!path.startsWith("config/kubernetes/") || path.endsWith("/hashfall.yaml"));
const files = filesBelow("config", [".yaml"]).filter((file) => isConfiguration(file.path));

describe("a shipped configuration", () => {
  it("is the default where none is named: Bitcoin", async () => {
    const config = await loadConfigFile(defaultConfigPath(), { env: {} });
    expect(config.networks.map((network) => network.name)).toEqual(["bitcoin"]);
  });

  it.each(files.map((file) => file.path))("%s has no fault, for the loader and for an editor", async (path) => {
    const config = await loadConfigFile(join(ROOT, path), { env: ENV });
    expect(config.networks.length).toBeGreaterThan(0);
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(editorJsonSchema());
    const value: unknown = parse(readFileSync(join(ROOT, path), "utf8"), { maxAliasCount: 1000 });
    expect(validate(value), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
  });

  it.each(SHIPPED)("%s names its schema on the first line", (name) => {
    const [first] = readFileSync(join(ROOT, "config", `${name}.yaml`), "utf8").split("\n");
    expect(first).toBe("# yaml-language-server: $schema=./schema.json");
  });

  it.each(SHIPPED)("%s needs no key and no secret", async (name) => {
    const sources = (await load(name)).networks.flatMap((network) => network.sources);
    const keyed = sources.filter((source) => SOURCE_TYPES[source.type]?.describe.key === "required");
    expect(sources.length).toBeGreaterThan(0);
    expect(keyed.map((source) => source.id)).toEqual([]);
  });

  it.each(SHIPPED)(
    "%s has a dated weight with a source for every pool that is not measured by region",
    async (name) => {
      for (const { model, sources, weightNotes = [] } of (await load(name)).networks) {
        const regional = sources.filter((s) => s.region !== null).flatMap((s) => Object.values(s.pools));
        const undated = model.pools.filter(
          (pool) => !weightNotes.some((n) => n.pool === pool.id && n.asOf && n.source),
        );
        expect(undated.map((pool) => pool.id).filter((pool) => !regional.includes(pool))).toEqual([]);
      }
    },
  );

  it.each(SHIPPED)("%s calls no guess certain: its weights are off by a quarter at least", async (name) => {
    for (const { model, weightNotes = [] } of (await load(name)).networks) {
      const guesses = weightNotes.filter((note) => note.source?.includes("guess"));
      expect(guesses.length).toBeGreaterThan(0);
      for (const { pool, region } of guesses) {
        const weight = model.pools.find((p) => p.id === pool)?.regions.find((r) => r.region === region);
        // What little is left of a pool that is known to be in one place is small, and so is its error.
        if (weight && weight.weight < 0.6)
          expect(weight.sd / weight.weight, `${pool} ${region}`).toBeGreaterThanOrEqual(0.25);
      }
    }
  });

  it.each([
    ["US", 36.7],
    ["RU", 17.2],
    ["CN", 12.2],
    ["PY", 4.7],
    ["AE", 3.0],
    ["OM", 2.8],
    ["CA", 2.6],
    ["ET", 2.4],
    ["ID", 1.8],
    ["NO", 1.7],
  ])("gives %s the %d %% of the network that Hashrate Index published for Q3 2026", async (region, percent) => {
    const { model } = (await load("bitcoin")).networks[0] ?? {};
    const share = model?.pools.reduce((sum, pool) => {
      const weight = pool.regions.find((r) => r.region === region)?.weight ?? 0;
      return sum + weight * (POOL_PERCENT[pool.id] ?? 0);
    }, 0);
    expect(Math.abs((share ?? 0) - percent), `${region} ${share}`).toBeLessThan(0.25);
  });

  it("says at start which weights are older than a year, and says nothing of young ones", async () => {
    const config = await load("bitcoin");
    const said = (at: number) => startNotices(config, at).filter((line) => line.includes("older than a year"));
    expect(said(Date.UTC(2027, 8, 30))).toEqual([]);
    expect(said(Date.UTC(2027, 10, 1))).toEqual([expect.stringMatching(/^bitcoin: .*antpool.*as of 2026-09/)]);
  });

  it("watches several regions besides OTHER", async () => {
    const { model } = (await load("bitcoin")).networks[0] ?? {};
    const regions = new Set(model?.pools.flatMap((pool) => pool.regions.map((r) => r.region)));
    regions.delete(OTHER_REGION);
    expect([...regions]).toEqual(expect.arrayContaining(["US", "RU", "CN", "KZ", "PY", "AE", "CA", "EU"]));
  });

  it("says at start whose web pages are read, and leaves them out with one switch", async () => {
    const on = await load("bitcoin");
    const undocumented = on.networks.flatMap((n) => n.sources).filter((s) => s.webPage);
    expect(undocumented.map((source) => source.type).sort()).toEqual(["antpool", "binance", "foundry", "viabtc"]);
    const said = startNotices(on, Date.UTC(2026, 10, 28)).join("\n");
    for (const pool of ["foundryusa", "antpool", "viabtc", "binancepool", "webPageSources: false"])
      expect(said).toContain(pool);
    const { parseConfig } = await import("../../src/config/load.ts");
    const text = readFileSync(join(ROOT, "config/bitcoin.yaml"), "utf8").replace(
      "webPageSources: true",
      "webPageSources: false",
    );
    const off = parseConfig(text, { file: join(ROOT, "config/bitcoin.yaml"), env: {} });
    expect(off.networks.flatMap((n) => n.sources).map((s) => s.type)).not.toEqual(expect.arrayContaining(["foundry"]));
    expect(off.networks[0]?.sources.length).toBe((on.networks[0]?.sources.length ?? 0) - 4);
    expect(off.hash).toBe(on.hash);
  });
});
