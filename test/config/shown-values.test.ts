import { describe, expect, it } from "vitest";
import { showValue } from "../../src/config/reading/show.ts";

describe("a value that is shown", () => {
  it.each([
    [["server", "tokens", 0, "token"], "abc", "(hidden)"],
    [["server", "tokens", 0], "abc", "(hidden)"],
    [["server", "tokens", 0, "name"], "abc", '"abc"'],
    [["url"], "https://user:pass@host/path?key=abc", '"https://(hidden)@host/path?(hidden)"'],
    [["x"], "y".repeat(80), `"${"y".repeat(60)}..."`],
    [["x"], null, "empty"],
  ] as const)("at %j: %j is %s", (path, value, shown) => expect(showValue(path, value)).toBe(shown));
});
