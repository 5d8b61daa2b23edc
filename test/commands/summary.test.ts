import { describe, expect, it } from "vitest";
import { reportNetwork } from "../../src/commands/check/report.ts";
import { type NetworkSummary, summarise } from "../../src/commands/check/summary.ts";
import { parseConfig } from "../../src/config/load.ts";

function summaryOf(text: string): NetworkSummary {
  const [summary] = summarise(parseConfig(text, { file: "t.yaml", env: {} }));
  if (summary === undefined) throw new Error("no network");
  return summary;
}

const MIXED = `
networks:
  bitcoin:
    pools:
      foundryusa: {window: 1h, regions: {US: {weight: 0.9, sd: 0.03}}, source: {type: foundry}}
      antpool: {window: 10m, regions: {KZ: 0.3, CN: 0.3}, source: {type: antpool}}
      ocean: {window: 5m, regions: {KZ: 0.05, US: 0.5}, source: {type: ocean}}
      braiins: {window: 5m, regions: {EU: 0.5}, source: {type: braiins, token: {env: T}}}
      f2pool: {regions: {RU: 0.5}}
      nobody: {}
    sources:
      mempool: {type: mempool, pools: {f2pool: f2pool, antpool: antpool}}
`;

describe("what a configuration holds", () => {
  it("tells pools with a figure of their own from those seen by blocks, and keyless from keyed", () => {
    const { pools } = summaryOf(MIXED);
    const by = Object.fromEntries(
      pools.map((pool) => [pool.pool, [pool.figures.length, pool.blocks.length, pool.keyless]]),
    );
    expect(by).toEqual({
      antpool: [1, 1, true],
      braiins: [1, 0, false],
      f2pool: [0, 1, false],
      foundryusa: [1, 0, true],
      nobody: [0, 0, false],
      ocean: [1, 0, true],
    });
  });

  it("says plainly how few report without a key, and what that means", () => {
    const notes = summaryOf(MIXED).notes.join("\n");
    expect(notes).toContain("3 of 6 pools report a figure of their own without a key (antpool, foundryusa, ocean)");
    expect(notes).toContain("Seen by their blocks alone: f2pool.");
    expect(notes).toContain("No source speaks for nobody");
  });

  it("judges what can be told apart by the pools that report a figure alone", () => {
    const regions = summaryOf(MIXED).resolvability.map((region) => region.region);
    expect(regions).toEqual(["CN", "EU", "KZ", "US"]);
  });

  it("marks what is read behind web pages, and fits a terminal of 120 columns", () => {
    const text = reportNetwork(summaryOf(MIXED));
    expect(text).toMatch(/antpool \* +5m +- +antpool/);
    expect(text).toMatch(/braiins +\w+ +required +braiins/);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(120);
  });
});
