import { describe, expect, it } from "vitest";
import { nearest } from "../../src/model/nearest-name.ts";

describe("the nearest known key", () => {
  it.each([
    ["intervall", "interval"],
    ["widnow", "window"],
    ["Window", "window"],
    ["source", "sources"],
    ["zzzzzz", undefined],
  ])("to %s is %s", (word, known) => expect(nearest(word, ["interval", "window", "sources", "pools"])).toBe(known));
});
