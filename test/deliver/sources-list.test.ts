import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { networkRoutes } from "../../src/deliver/http/routes/networks.ts";
import type { ViewFeed } from "../../src/deliver/view-feed.ts";
import { systemClocks } from "../../src/model/clock.ts";

const SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const CONFIG = `
networks:
  bitcoin:
    regions: {EU: Europe}
    pools:
      antpool: {regions: {KZ: 0.2}, source: {type: antpool}}
      ckpool: {}
      farm: {}
    sources:
      eusolo: {type: ckpool, url: "https://eusolo.ckpool.org", pool: ckpool, region: EU}
      map: {type: regions-map, url: "https://pool.example/map", pool: farm, shape: map, regions: {us: US, jp: JP}}
    witnesses:
      ioda: {type: ioda}
server:
  push:
    steppe: {secret: {env: SECRET}, pools: [farm], regions: [UZ]}
`;

/** What is told before the first tick: configuration alone. */
async function list(path: string): Promise<Record<string, unknown>[]> {
  const { networks } = parseConfig(CONFIG, { file: "c.yaml", env: { SECRET } });
  const status = () => ({ network: "bitcoin", state: "warming" });
  const views = { current: () => undefined, health: () => new Map(), status };
  const api = networkRoutes({ networks: () => networks, views: views as unknown as ViewFeed, clocks: systemClocks() });
  const response = await api.request(path);
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(text).not.toContain("whsec_");
  return (JSON.parse(text) as { items: Record<string, unknown>[] }).items;
}

describe("lists of who speaks and of what", () => {
  it("name sources, senders and witnesses, each with the regions that it speaks of", async () => {
    const shown = (await list("/sources")).map(({ source, kind, intervalSeconds, pools, region, regions }) => [
      source,
      kind,
      intervalSeconds,
      pools,
      region,
      regions,
    ]);
    expect(shown).toEqual([
      ["antpool", "source", 300, ["antpool"], null, []],
      ["ckpool:eusolo", "source", 60, ["ckpool"], "EU", ["EU"]],
      ["regions-map:map", "source", 60, ["farm"], null, ["US", "JP"]],
      ["push:steppe", "push", null, ["farm"], "UZ", ["UZ"]],
      ["ioda", "witness", 300, [], null, []],
    ]);
  });

  it("name every region that a weight, a source or a sender speaks of", async () => {
    expect((await list("/regions")).map(({ region }) => region)).toEqual(["KZ", "OTHER", "EU", "JP", "US", "UZ"]);
  });
});

describe("regions that sources and senders name", () => {
  const load = (text: string) => parseConfig(text, { file: "c.yaml", env: { SECRET } });

  it("are asked about: a witness of countries hears of those that only rows name", () => {
    const [ioda] = load(CONFIG).networks[0]?.witnesses ?? [];
    expect(ioda?.options.countries).toEqual(["JP", "KZ", "US", "UZ"]);
  });

  it.each([
    ["a part beside its country", "{us: US, tx: US-TX}", /US-TX stands beside US/],
    ["no country", "{moon: AP}", /"AP" is not an ISO 3166 country code/],
  ])("are checked in a map as anywhere else: %s", (_, regions, why) => {
    expect(() => load(CONFIG.replace("{us: US, jp: JP}", regions))).toThrow(why);
  });

  it("are part of what detection sees: another map is another configuration", () => {
    expect(load(CONFIG.replace("jp: JP", "jp: KR")).hash).not.toBe(load(CONFIG).hash);
  });
});
