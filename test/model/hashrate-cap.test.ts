import { expect, it } from "vitest";
import { MAX_HASHRATE } from "../../src/model/sample.ts";
import { parseSampleLine } from "../../src/model/sample-line.ts";

const line = (hashrate: number) => JSON.stringify({ at: "2022-01-05T10:30:00Z", pool: "constructor", hashrate });

it("a pool may be called constructor, and its figure may be as high as the cap", () => {
  expect(parseSampleLine(line(MAX_HASHRATE))).toMatchObject({ ok: true, sample: { pool: "constructor" } });
});

it.each([1.1 * MAX_HASHRATE, 1e30, 1e308])("a figure of %d is refused, with what is allowed", (hashrate) => {
  expect(parseSampleLine(line(hashrate))).toMatchObject({ ok: false, why: expect.stringMatching(/at most 1e\+24/) });
});
