import { describe, expect, it } from "vitest";
import {
  heightOf,
  parseHashrate,
  parseHashrateBeside,
  parseNumber,
  unitFactor,
} from "../../src/sources/parse/hashrate.ts";
import { parseJson, parseJsonDocuments } from "../../src/sources/parse/json.ts";
import { parsePath, valueAt, valuesAt } from "../../src/sources/parse/path.ts";
import { parseTime } from "../../src/sources/parse/time.ts";

describe("hash rates", () => {
  it.each([
    ["1.48T", undefined, 1.48e12],
    ["1e+03T", undefined, 1e15],
    ["0", undefined, 0],
    ["985", undefined, 985],
    ["2.5k", undefined, 2500],
    ["1.2 TH/s", undefined, 1.2e12],
    ["23.5 EH/s", undefined, 2.35e19],
    ["128.07 MH", undefined, 1.2807e8],
    ["1E", undefined, 1e18],
    ["1.5E3", undefined, 1500],
    [" 7 Gh/s ", undefined, 7e9],
    ["3 hashes/s", undefined, 3],
    [5727000000.746, "Gh/s", 5.727000000746e18],
    ["3.80", "E", 3.8e18],
    [0.138, "ph", 1.38e14],
    ["137.137", "th", 1.37137e14],
    ["1,106,172", "TH/s", 1.106172e18],
    ["5.92 KH/sec", "H/s", 5920],
    ["3.4 Th per second", undefined, 3.4e12],
    ["1.2 TH/s", "H/s", 1.2e12],
    ["5 TH/s", "PH/s", 5e12],
    ["1,234,567.5", undefined, 1234567.5],
    ["1174148485661397202315", "H/s", 1.1741484856613972e21],
    [786391245138648900000, undefined, 7.863912451386489e20],
    ["12 TH/s", "TH", 1.2e13],
  ])("%s %s", (value, unit, expected) => {
    expect(parseHashrate(value, unit)).toBeCloseTo(expected, -Math.floor(Math.log10(expected || 1)) + 9);
  });

  it.each([[null], [undefined], [""], [" "], ["-"], ["N/A"], ["null"]])("%j is unknown, not zero", (value) => {
    expect(parseHashrate(value, "H/s")).toBeNull();
  });

  it.each([
    ["NaN", "H/s"],
    ["Infinity", "H/s"],
    [Number.POSITIVE_INFINITY, "H/s"],
    [Number.NaN, "H/s"],
    ["1e400", "H/s"],
    [-1, "H/s"],
    ["-3 TH/s", undefined],
    ["5 Sol/s", undefined],
    ["5", "Sol/s"],
    ["5", "G/s"],
    ["5 gps", undefined],
    ["5 KiH/s", undefined],
    ["1,5", "TH/s"],
    ["190,521 EH/s", undefined],
    ["106,172", "TH/s"],
    ["0,521", "EH/s"],
    ["1.234,5", "TH/s"],
    ["1.234.567", "TH/s"],
    ["12,34,567", "TH/s"],
    ["1.2.3", "H/s"],
    ["five", "H/s"],
    [true, "H/s"],
    [{}, "H/s"],
    [1e25, "H/s"],
    ["12", "yottahashes"],
  ])("%j in %j is refused", (value, unit) => {
    expect(() => parseHashrate(value, unit)).toThrow(/./);
  });

  it("a unit that the document says beside the figure is not another one than in its text", () => {
    expect(parseHashrateBeside("5", "PH/s")).toBe(5e15);
    expect(parseHashrateBeside("5 PH/s", "PH")).toBe(5e15);
    expect(() => parseHashrateBeside("5 TH/s", "PH/s")).toThrow(/another unit/);
    expect(() => parseHashrateBeside("5", 7)).toThrow(/expected text/);
  });

  it("a bare number has no unit", () => {
    expect(parseNumber("5,432")).toBe(5432);
    expect(() => parseNumber("5 TH")).toThrow(/unit/);
  });

  it("graphs and solutions are other quantities than hashes", () => {
    expect(unitFactor("G")).toBe(1e9);
    expect(unitFactor("GH/s")).toBe(1e9);
    for (const other of ["G/s", "GPS", "Sol/s", "KSol/s", "H/min", "Th/day"]) expect(() => unitFactor(other)).toThrow();
  });
});

describe("times", () => {
  const second = Date.UTC(2026, 7, 18, 13, 31, 42);
  it.each([
    [second / 1000, second],
    [second, second],
    [String(second / 1000), second],
    [second * 1000, second],
    [second * 1e6, second],
    ["2026-08-18T13:31:42Z", second],
    ["2026-08-18T13:31:42", second],
    ["2026-08-18 13:31:42", second],
    ["2026-08-18 13:31:42 UTC", second],
    ["2026-08-18T13:31:42.609762943Z", second + 609],
    ["2026-08-18T15:31:42+02:00", second],
    ["2026-08-18T15:31:42+0200", second],
    ["2026-08-18T13:31", second - 42_000],
    ["2026-08-18", Date.UTC(2026, 7, 18)],
  ])("%s", (value, expected) => {
    expect(parseTime(value)).toBe(expected);
  });

  it.each([
    [0],
    ["0"],
    [-5],
    [""],
    ["never"],
    ["5 minutes"],
    [null],
    [{}],
    [Number.NaN],
    ["2026-13-45T99:00:00Z"],
    [1],
  ])("%j is no time", (value) => {
    expect(parseTime(value)).toBeUndefined();
  });
});

describe("JSON from strangers", () => {
  it.each([
    ["", /empty/],
    ["  \n", /empty/],
    ["<html>", /HTML/],
    ['{"a":', /breaks off after 5 characters/],
    ["undefined", /no JSON/],
    ["[".repeat(100_000) + "]".repeat(100_000), /nested deeper/],
    ['{"a":1}{"b":2}', /no JSON/],
  ])("%.20s is refused", (text, why) => {
    expect(() => parseJson(text)).toThrow(why);
  });

  it("brackets in strings are no depth, and a byte order mark is no fault", () => {
    expect(parseJson(`\uFEFF{"a":"${"[".repeat(100)}\\"{"}`)).toEqual({ a: `${"[".repeat(100)}"{` });
  });

  it("reads several documents, one a line", () => {
    expect(parseJsonDocuments('{"a":1}\r\n\n{"b":2}\n')).toEqual([{ a: 1 }, { b: 2 }]);
    expect(() => parseJsonDocuments('{"a":1}\n{"b"')).toThrow(/breaks off after 4 characters/);
  });
});

describe("paths", () => {
  const document = {
    data: {
      items: [
        { coin: "LTC", rate: 1 },
        { coin: "BTC", rate: 2 },
      ],
      "odd.key": { x: 3 },
    },
    series: [1, 2, 3],
  };
  it.each([
    ["data.items[coin=BTC].rate", 2],
    ["data.items[0].rate", 1],
    ["series[-1]", 3],
    ['data["odd.key"].x', 3],
    ["data.items[coin=DOGE].rate", undefined],
    ["data.constructor", undefined],
    ["series[9]", undefined],
    ["nothing.at.all", undefined],
  ])("%s", (text, expected) => {
    expect(valueAt(document, parsePath(text)!)).toEqual(expected);
  });

  it("the empty path is the document, and [*] is every member", () => {
    expect(valueAt(document, parsePath("")!)).toBe(document);
    expect(valuesAt(document, parsePath("data.items[*].rate")!)).toEqual([1, 2]);
  });

  it.each([["a[b"], ["a]"], ["[]"], ["a..b"], ['["x']])("%s is no path", (text) => {
    expect(parsePath(text)).toBeNull();
  });
});

describe("a chain's height", () => {
  it.each([
    [840_000, 840_000],
    ["840000", 840_000],
    [1, 1],
  ])("%j is %d", (said, height) => expect(heightOf(said)).toBe(height));

  const nothing = [undefined, null, "", " 840000", "8e5", "840000.0", "-1", "12 345", "1".repeat(13), "840000abc"];
  const odd = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 2 ** 53, true, [], [840_000], {}];
  it.each([...nothing, ...odd].map((said) => [said]))("%j is none, and no other chain", (said) =>
    expect(heightOf(said)).toBeUndefined(),
  );
});
