import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { ConfigError, formatFault } from "../../src/config/reading/faults.ts";
import { BROKEN } from "./broken-files.ts";

function faultsOf(text: string) {
  try {
    parseConfig(text, { file: "broken.yaml", env: { T: "s3ntinel-of-a-token" } });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the file was accepted");
}

describe("a broken configuration", () => {
  it.each(BROKEN)("$name: one line with file, line, key, value and what is allowed", ({ text, line, key, says }) => {
    const error = faultsOf(text);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.kind).toBe("mistake");
    const lines = error.message.split("\n");
    const prefix = new RegExp(
      `^broken\\.yaml:${line}:\\d+: ${key === "" ? "" : `${key.replaceAll(/[[\].]/g, "\\$&")}: `}`,
    );
    const own = lines.filter((l) => prefix.test(l));
    expect(own, error.message).toHaveLength(1);
    for (const said of says) expect(own[0]).toMatch(said instanceof RegExp ? said : new RegExp(quoted(said)));
    expect(error.message).not.toContain("s3ntinel");
    expect(error.message).not.toContain("sesame");
  });

  it("names every fault at once, in the order of the file", () => {
    const text =
      "networks:\n  bitcoin:\n    interval: 7m\n    pools:\n      a: {window: x}\n      b: {regions: {KX: 2}}\nsever: {}\n";
    const lines = faultsOf(text).faults.map((fault) => fault.line);
    expect(lines).toEqual([3, 5, 6, 7]);
  });

  const later = [
    [
      "a region that is no code, beside an unknown key",
      "a: {regions: {UK: 0.2}, sorce: x}",
      ["a.regions.UK", "a.sorce"],
    ],
    [
      "a part beside its whole, beside a wrong window",
      "a: {window: x, regions: {US: 0.2, US-TX: 0.1}}",
      ["a.window", "a.regions.US-TX"],
    ],
    [
      "codes of other pools",
      "a: {window: x}\n      b: {regions: {USA: 0.2, KZH: 0.1}}",
      ["a.window", "b.regions.USA", "b.regions.KZH"],
    ],
    ["a source without a url, once its misspelt one is told", "a: {source: {type: ckpool, utl: x}}", ["a.source.utl"]],
    [
      "a pool that is left out, where a source speaks of it",
      "a: 5\n    sources: {x: {type: mempool, pools: {a: a}}}",
      ["a"],
    ],
  ] as const;
  it.each(later)("names what only a read configuration shows beside what cannot be read: %s", (_, pools, keys) => {
    const { faults } = faultsOf(`networks:\n  bitcoin:\n    pools:\n      ${pools}\n`);
    expect(faults.map(({ key }) => key)).toEqual(keys.map((key) => `networks.bitcoin.pools.${key}`));
  });

  it("names a webhook that may not be, beside an unknown key elsewhere", () => {
    const text = "networks: {bitcoin: {pools: {a: {}}}}\nsever: {}\nwebhooks: {desk: {url: 'http://desk.example'}}\n";
    expect(faultsOf(text).faults.map(({ key }) => key)).toEqual(["sever", "webhooks.desk.url"]);
  });

  it("says of a file with hundreds of faults only the first fifty", () => {
    const pools = Array.from({ length: 300 }, (_, i) => `      p${i}: {window: nope}`).join("\n");
    const lines = faultsOf(`networks:\n  bitcoin:\n    pools:\n${pools}\n`).message.split("\n");
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toContain("250 more faults");
  });

  it("is refused when it is an alias bomb", () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(`*${of}`).join(",")}]\n`;
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${level("b", "a")}${level("c", "b")}${level("d", "c")}${level("e", "d")}`;
    expect(faultsOf(bomb).message).toMatch(/broken\.yaml:1:1: not valid YAML/);
  });

  it("is refused when it is larger than any configuration", () => {
    expect(faultsOf(`# ${"x".repeat(2_000_000)}`).message).toContain("larger than");
  });

  it("is one line per fault, with the place in front", () => {
    expect(formatFault({ file: "f.yaml", line: 3, column: 7, key: "a.b", text: "no" })).toBe("f.yaml:3:7: a.b: no");
  });
});

function quoted(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
