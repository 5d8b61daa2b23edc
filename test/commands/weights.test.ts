import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { report, weightsFile } from "../../src/commands/weights.ts";
import { loadConfigFile } from "../../src/config/load.ts";

const folder = mkdtempSync(join(tmpdir(), "hashfall-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));

const item: Parameters<typeof report>[0] = {
  network: "bitcoin",
  learning: true,
  revision: 3,
  labels: [
    { alert: "bitcoin-region-20260105T1050Z-1", region: "KZ", by: "person", startedAt: "2026-01-05T10:32:00.000Z" },
  ],
  weights: [
    {
      pool: "antpool",
      region: "KZ",
      configured: { weight: 0.1, sd: 0.05 },
      learned: { weight: 0.14, sd: 0.02 },
      asOf: "2025-11",
      source: "a guess",
    },
    { pool: "antpool", region: "RU", configured: { weight: 0.2, sd: 0.1 }, asOf: "2025-11", source: "a guess" },
  ],
};

it("shows configured beside learned weights, and what they were learned from", () => {
  const text = report(item);
  expect(text).toContain("learned revision 3 from 1 labelled falls");
  expect(text).toMatch(/antpool\s+KZ\s+10 % ± 5 %\s+14 % ± 2 %\s+2025-11/);
  expect(text).toMatch(/antpool\s+RU\s+20 % ± 10 %\s+-/);
  expect(text).toContain("bitcoin-region-20260105T1050Z-1");
});

it("writes a file of weights that a configuration can name, learned ones with their date and source", async () => {
  writeFileSync(join(folder, "learned.yaml"), weightsFile([item]));
  const text = "networks:\n  bitcoin:\n    weights: learned.yaml\n    pools: {antpool: {}}\n";
  writeFileSync(join(folder, "my.yaml"), text);
  const { networks } = await loadConfigFile(join(folder, "my.yaml"), { env: {} });
  const regions = networks[0]?.model.pools[0]?.regions;
  expect(regions).toContainEqual({ region: "KZ", weight: 0.14, sd: 0.02, asOf: Date.UTC(2026, 0, 6) });
  expect(regions).toContainEqual({ region: "RU", weight: 0.2, sd: 0.1, asOf: Date.UTC(2025, 11, 1) });
  expect(networks[0]?.weightNotes?.[0]?.source).toBe("learned from 1 labelled falls; before: a guess");
});
