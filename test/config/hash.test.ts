import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/config/resolve/hash.ts";

describe("canonical JSON", () => {
  it("is the same whatever the order of keys", () => {
    expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}');
  });
});
