import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { messageOf } from "../../src/model/errors.ts";
import { SECRET } from "./push-support.ts";

const POOLS = "pools: {antpool: {regions: {KZ: 0.2, US-TX: 0.1}}, f2pool: {}}";
const ONE = `networks: {bitcoin: {regions: {STEPPE: "the farms of one valley"}, ${POOLS}}}`;
const TWO = `networks: {bitcoin: {${POOLS}}, litecoin: {${POOLS}}}`;
const SENTINEL = "whsec_s3ntinel";

const load = (sender: string, env: Record<string, string> = { FARM: SECRET }, networks = ONE) =>
  parseConfig(`${networks}\nserver: {push: {farm-kz: ${sender}}}`, { file: "c.yaml", env }).server.push;
const refusal = (...given: Parameters<typeof load>): string => {
  try {
    load(...given);
  } catch (error) {
    return messageOf(error);
  }
  throw new Error("accepted");
};

describe("a sender of samples", () => {
  it("may send figures of the regions it names, or of whole pools where it names none, or both", () => {
    const secret = "secret: {env: FARM}";
    const regional = { name: "farm-kz", network: "bitcoin", secrets: [SECRET], pools: ["antpool"], regions: ["KZ"] };
    expect(load(`{${secret}, pools: [antpool], regions: [KZ]}`)).toEqual([{ ...regional, wholePools: false }]);
    expect(load(`{${secret}, pools: [antpool], regions: [KZ], wholePools: true}`)).toMatchObject([
      { wholePools: true },
    ]);
    expect(load(`{${secret}, pools: [f2pool]}`)).toMatchObject([{ regions: [], wholePools: true }]);
  });

  it("may name regions that no weight names, and ones of its own", () => {
    expect(load("{secret: {env: FARM}, pools: [antpool], regions: [JP, STEPPE]}")).toMatchObject([
      { regions: ["JP", "STEPPE"] },
    ]);
  });

  it("has a second secret while one is exchanged for another", () => {
    expect(load("{secret: {env: FARM}, pools: [f2pool]}", { FARM: `${SECRET}  ${SECRET}` })?.[0]?.secrets).toHaveLength(
      2,
    );
  });

  it("is none where there is none", () => {
    expect(parseConfig(ONE, { file: "c.yaml", env: {} }).server.push).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ["no secret", "{pools: [antpool]}", /push\.farm-kz.*secret/],
    ["a secret in the file", `{secret: ${SENTINEL}, pools: [antpool]}`, /never the secret itself/],
    ["a variable that is not set", "{secret: {env: NOPE}, pools: [antpool]}", /NOPE is not set/],
    [
      "a secret that signs nothing",
      "{secret: {env: SHORT}, pools: [antpool]}",
      /"whsec_" and base64 of 24 to 64 bytes/,
    ],
    ["no pool", "{secret: {env: FARM}, pools: []}", /pools/],
    ["a pool that is not there", "{secret: {env: FARM}, pools: [antpol]}", /pools\[0\].*Did you mean antpool\?/],
    ["a country that is not there", "{secret: {env: FARM}, pools: [antpool], regions: [KK]}", /"KK" is not an ISO/],
    ["what is left over", "{secret: {env: FARM}, pools: [antpool], regions: [OTHER]}", /nobody can report it/],
    ["a region that holds another", "{secret: {env: FARM}, pools: [antpool], regions: [US]}", /US-TX stands beside US/],
    [
      "a network that is not there",
      "{secret: {env: FARM}, pools: [antpool], network: doge}",
      /"doge" is not configured/,
    ],
  ])("is refused with %s, in words, and its secret is not shown", (_, sender, says) => {
    const text = refusal(sender, { FARM: SECRET, SHORT: SENTINEL });
    expect(text).toMatch(says);
    expect(text).not.toContain(SENTINEL);
    expect(text).not.toContain(SECRET);
  });

  it("names its network where there are two", () => {
    const env = { FARM: SECRET };
    expect(refusal("{secret: {env: FARM}, pools: [antpool]}", env, TWO)).toContain("allowed: bitcoin, litecoin");
    expect(load("{secret: {env: FARM}, pools: [antpool], network: litecoin}", env, TWO)).toMatchObject([
      { network: "litecoin" },
    ]);
  });

  it("does not share a region's parts with another of the same network", () => {
    const push =
      "server: {push: {a: {secret: {env: FARM}, pools: [f2pool], regions: [CN]}, b: {secret: {env: FARM}, pools: [f2pool], regions: [CN-XJ]}}}";
    expect(() => parseConfig(`${ONE}\n${push}`, { file: "c.yaml", env: { FARM: SECRET } })).toThrow(
      /CN-XJ stands beside CN/,
    );
  });
});
