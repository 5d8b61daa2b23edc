import { describe, expect, it } from "vitest";
import { textTable, wrapText } from "../../src/commands/check/table.ts";

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
