import { describe, expect, it } from "vitest";
import type { SourceConfig } from "../../src/config/resolve/resolved.ts";
import { poolNames } from "../../src/sources/pool-names.ts";

const names = (pools: Record<string, string>) => poolNames({ pools, coin: "BTC" } as unknown as SourceConfig);

describe("the name that an upstream gives a pool", () => {
  it.each(["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"])(
    "is nothing but a name when it is %s",
    (name) => {
      expect(names({ AntPool: "antpool" }).find(name)).toBe(null);
      expect(poolNames({ pools: Object.fromEntries([[name, "x"]]) } as unknown as SourceConfig).find(name)).toBe("x");
    },
  );

  it.each([
    ["AntPool", "antpool"],
    ["antpool", "antpool"],
    ["Foundry", "foundry"],
    ["nobody", null],
  ])("%s is %s", (name, id) => {
    expect(names({ AntPool: "antpool", "Foundry USA": "foundry" }).find(name)).toBe(id);
  });
});
