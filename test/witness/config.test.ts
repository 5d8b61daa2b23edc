import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startNotices } from "../../src/commands/start-notices.ts";
import { loadConfigFile, parseConfig } from "../../src/config/load.ts";
import { ROOT } from "../house/source-files.ts";

const parse = (witnesses: string, more = "") =>
  parseConfig(
    `networks:
  bitcoin:
    regions: {EU: Europe}
    pools: {antpool: {regions: {KZ: 0.2, US-TX: 0.3, EU: 0.1, OTHER: 0.1}}}
    witnesses: {${witnesses}}
${more}`,
    { file: "c.yaml", env: {} },
  );
const witnessesOf = (witnesses: string, more = "") => parse(witnesses, more).networks[0]?.witnesses;

describe("witnesses in the configuration", () => {
  it("are asked about the countries of the weights, each as often as its type allows", () => {
    expect(witnessesOf("ioda: {type: ioda}, price: {type: tickers, interval: 10m}")).toMatchObject([
      { id: "ioda", type: "ioda", intervalMs: 300_000, options: { countries: ["KZ", "US"] }, allowPrivate: false },
      { id: "tickers:price", type: "tickers", intervalMs: 600_000 },
    ]);
    expect(witnessesOf("ioda: {type: ioda, countries: [RU]}")).toMatchObject([{ options: { countries: ["RU"] } }]);
    expect(witnessesOf("")).toEqual([]);
  });

  it("change nothing that detection sees", () => {
    expect(parse("ioda: {type: ioda}").hash).toBe(parse("").hash);
  });

  it("behind a dashboard are left out by the switch for web pages", () => {
    expect(witnessesOf("ercot: {type: ercot}")).toHaveLength(1);
    expect(witnessesOf("ercot: {type: ercot}", "webPageSources: false")).toEqual([]);
  });

  it.each([
    ["an unknown type", "x: {type: tarot}", /cloudflare-radar, ercot, ioda, miner-counts, tickers/],
    ["an unknown key", "x: {type: ioda, region: KZ}", /region/],
    ["a country that is none", "x: {type: ioda, countries: [Kazakhstan]}", /country code/],
    ["a token that is missing", "x: {type: cloudflare-radar}", /token/],
    ["an address that is missing", "x: {type: miner-counts, api: 2miners, servers: {eu: EU}}", /missing `url`/],
    ["an address that is none", "x: {type: tickers, kraken: nowhere}", /kraken/],
  ])("with %s are refused with the reason", (_, witnesses, why) => {
    expect(() => parse(witnesses)).toThrow(why);
  });

  it("without a country to ask about are refused", () => {
    const text = "networks:\n  bitcoin:\n    pools: {a: {}}\n    witnesses: {ioda: {type: ioda}}\n";
    expect(() => parseConfig(text, { file: "c.yaml", env: {} })).toThrow(/countries/);
  });

  it("that are shipped need no key, and the notice names the one behind a dashboard", async () => {
    const config = await loadConfigFile(join(ROOT, "config/bitcoin.yaml"), { env: {} });
    const [network] = config.networks;
    expect(network?.witnesses?.map(({ id }) => id)).toEqual(["ioda", "tickers", "ercot"]);
    const countries = network?.witnesses?.[0]?.options.countries;
    expect(countries).toEqual(expect.arrayContaining(["CN", "KZ", "RU", "US"]));
    expect(countries).not.toContain("EU");
    expect(startNotices(config, 0).join("\n")).toMatch(/witness ercot reads/);
  });
});
