import { expect, it } from "vitest";
import { type NamedFilter, unknownName } from "../../src/deliver/known-names.ts";
import { networkConfig } from "./support.ts";

const NETWORKS = [networkConfig("bitcoin"), networkConfig("litecoin")];

it.each<[string, NamedFilter]>([
  ["nothing", {}],
  ["a region", { regions: ["KZ"] }],
  ["a country whose subdivision is a region", { regions: ["US"] }],
  ["a pool", { pools: ["antpool"] }],
  ["a network and its region", { networks: ["bitcoin"], regions: ["RU"] }],
])("a filter on %s is known", (_name, filter) => expect(unknownName(filter, NETWORKS)).toBeNull());

it.each<[NamedFilter, string, string]>([
  [{ regions: ["KAZ"] }, "unknown-region", "did you mean KZ?"],
  [{ regions: ["KZ", "GB"] }, "unknown-region", "GB is not known here"],
  [{ pools: ["ant-pool"] }, "unknown-pool", "did you mean antpool?"],
  [{ pools: ["constructor"] }, "unknown-pool", "constructor is not known here"],
  [{ networks: ["bitcion"] }, "unknown-network", "did you mean bitcoin?"],
])("%j is refused with %s and the nearest name", (filter, code, why) => {
  const unknown = unknownName(filter, NETWORKS);
  expect(unknown?.code).toBe(code);
  expect(unknown?.why).toContain(why);
});
