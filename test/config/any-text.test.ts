import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/reading/faults.ts";
import { SEED } from "../support/property-seed.ts";

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
      { numRuns: 1000, seed: SEED },
    );
  });
});
