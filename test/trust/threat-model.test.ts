/** Every threat of the threat model names the test that shows what holds. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const rows = readFileSync(join(ROOT, ".github/SECURITY.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| threat |"))
  .map((line) => line.slice(2, -2).split(" | "));

describe("the threat model", () => {
  it("has lines of a threat, what holds, and a test", () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row, row.join(" | ")).toHaveLength(3);
  });

  it.each(rows.map(([threat = "", , tests = ""]) => [threat, tests]))("%s: its tests are there", (_, tests) => {
    const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
    expect(named.length).toBeGreaterThan(0);
    for (const path of named) {
      const file = join(ROOT, "test", path);
      expect(existsSync(file) && statSync(file).isFile(), path).toBe(true);
      expect(readFileSync(file, "utf8"), `${path} holds no test`).toMatch(/\b(?:it|test)(?:\.each)?\(/);
    }
  });
});
