/** A configuration that is JSON is read without the YAML reader where that makes no difference, and only there. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfigDocument } from "../../src/config/reading/document.ts";
import { jsonDocument } from "../../src/config/reading/json-document.ts";

describe("a JSON file", () => {
  it("has the value that the YAML reader gives it, or is left to that reader", () => {
    const key = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom("a", "<<", "__proto__", "1", "null", 'q"uote', "a:b"),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.constantFrom(0, 1, 2, "\t"), (whole, indent) => {
        const text = JSON.stringify(whole, null, indent);
        const quick = jsonDocument(text, "c.json");
        if (quick.faults.length > 0) return;
        const full = parseConfigDocument(text, "c.json");
        expect(full.faults).toEqual([]);
        expect(quick.value).toEqual(full.value);
      }),
    );
  });

  it("of an ordinary configuration is read", () => {
    const config = { networks: { bitcoin: { pools: { a: { regions: { KZ: 0.2, OTHER: 0.8 } }, b: {} } } } };
    for (const indent of [0, 2]) {
      expect(jsonDocument(JSON.stringify(config, null, indent), "c.json")).toMatchObject({ value: config, faults: [] });
    }
  });

  it.each([
    ["a key that stands twice", '{"a": 1, "a": 2}'],
    ["a key that stands twice, once escaped", '{"a": 1, "\\u0061": 2}'],
    ["a key that stands twice within a list", '{"a": [{"b": 1, "c": {}, "b": 1}]}'],
    ["a trap key", '{"a": {"__proto__": {"b": 1}}}'],
    ["a comment", '{"a": 1} # all'],
    ["no JSON", "{a: 1}"],
    ["tabs", '{\n\t"a": 1\n}'],
    ["endless levels", `${'{"a":'.repeat(60)}1${"}".repeat(60)}`],
    ["more than a configuration", `{"a": "${"x".repeat(1_100_000)}"}`],
  ])("with %s is left to the YAML reader", (_, text) => {
    expect(jsonDocument(text, "c.json").faults).toHaveLength(1);
  });
});
