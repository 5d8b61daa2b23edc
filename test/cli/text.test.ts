import { describe, expect, it } from "vitest";
import { textTable, wrapText } from "../../src/cli/table.ts";
import { formatAge, formatHashrate, formatShare } from "../../src/cli/units.ts";

describe("figures for people", () => {
  it.each([
    [2.9e20, "290 EH/s"],
    [1.234e18, "1.23 EH/s"],
    [9.999e17, "1 EH/s"],
    [0, "0 H/s"],
    [512, "512 H/s"],
    [7.8e26, "780 YH/s"],
  ])("%d H/s is %s", (hashrate, text) => expect(formatHashrate(hashrate)).toBe(text));

  it.each([
    [0.378, "38 %"],
    [0.0248, "2.5 %"],
    [0, "0 %"],
    [1, "100 %"],
  ])("a share of %d is %s", (share, text) => expect(formatShare(share)).toBe(text));

  it.each([
    [45_000, "45 s"],
    [720_000, "12 min"],
    [12_600_000, "3.5 h"],
    [4 * 86_400_000, "4 d"],
    [-30_000, "30 s ahead"],
  ])("an age of %d ms is %s", (ms, text) => expect(formatAge(ms)).toBe(text));
});

describe("a table", () => {
  it("stands in columns, numbers to the right, without trailing spaces", () => {
    const text = textTable(
      [{ head: "pool" }, { head: "n", right: true }, { head: "note" }],
      [
        ["a", "10", ""],
        ["antpool", "5", "x"],
      ],
    );
    expect(text.split("\n")).toEqual(["  pool      n  note", "  a        10", "  antpool   5  x"]);
  });

  it("breaks a paragraph at words", () => {
    expect(wrapText("one two three four", 12, 2).split("\n")).toEqual(["  one two", "  three four"]);
  });
});
