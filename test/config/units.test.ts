import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse.ts";
import { ConfigError } from "../../src/config/reading/faults.ts";
import { showValue } from "../../src/config/reading/show.ts";
import { nearest } from "../../src/config/reading/suggest.ts";
import { canonicalJson } from "../../src/config/resolve/hash.ts";
import { formatDuration, parseDuration } from "../../src/config/schema/durations.ts";

describe("a duration", () => {
  it.each([
    ["300s", 300_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["30d", 2_592_000_000],
    ["1.5h", 5_400_000],
  ])("%s is %d ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(["", "5", "m", "5 m", "-5m", "5min", "1e3s", "5M", "٥m", " 5m"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e8 }), (s) => parseDuration(formatDuration(s * 1000)) === s * 1000),
    );
  });
});

describe("the nearest known key", () => {
  it.each([
    ["intervall", "interval"],
    ["widnow", "window"],
    ["Window", "window"],
    ["source", "sources"],
    ["zzzzzz", undefined],
  ])("to %s is %s", (word, known) => expect(nearest(word, ["interval", "window", "sources", "pools"])).toBe(known));
});

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

describe("canonical JSON", () => {
  it("is the same whatever the order of keys", () => {
    expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}');
  });
});

describe("any text at all", () => {
  const word = fc.constantFrom(
    "networks",
    "bitcoin",
    "pools",
    "regions",
    "KZ",
    "US",
    "0.5",
    "5m",
    "${env:A}",
    "null",
    "-1",
    "*a",
    "&a",
    "!!x",
  );
  const punctuation = fc.constantFrom(
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "- ",
    "? ",
    "'",
    '"',
    "|",
    ">",
    "#",
    "---\n",
    "\t",
    "\u0000",
    "\uFEFF",
  );
  it("is a configuration or is refused with a place, and nothing else is thrown", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(word, punctuation), { maxLength: 40 }), (parts) => {
        try {
          parseConfig(parts.join(""), { file: "fuzz.yaml", env: {} });
        } catch (error) {
          expect(error, String(error)).toBeInstanceOf(ConfigError);
          expect(String(error)).toMatch(/fuzz\.yaml:\d+:\d+: /);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
