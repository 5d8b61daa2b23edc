/** One source per number: what is declared twice drifts apart. */
import { describe, expect, it } from "vitest";
import { filesBelow } from "./source-files.ts";

const source = filesBelow("src", [".ts"]);

/** Where each kind of number is declared; every other file imports it. The client is published by itself. */
const OWNERS: readonly { readonly what: string; readonly pattern: RegExp; readonly files: readonly string[] }[] = [
  {
    what: "lengths of time",
    pattern: /^(export )?const (SECOND|MINUTE|HOUR|DAY)(_MS|_SECONDS)? =/,
    files: ["src/model/time-units.ts"],
  },
  {
    what: "quantiles of the normal distribution",
    // 90 %, 95 %, 80 % and 99 % intervals, and the standard deviation over the median absolute deviation.
    pattern: /(?<![\d.])(1\.64[45]\d*|1\.96\d*|1\.28[12]\d*|2\.57[56]\d*|2\.326\d*|1\.4826\d*)(?!\d)/,
    files: ["src/detect/model/normal.ts"],
  },
  {
    what: "probabilities of naming and listing a region",
    pattern: /\bconst (NAMED|CANDIDATE|LISTED)_(PROBABILITY|ODDS)\b/,
    files: ["src/model/candidates.ts"],
  },
  { what: "the largest hash rate", pattern: /\bconst (MAX|MOST)_HASHRATE\b/, files: ["src/model/sample.ts"] },
];

const declaredIn = (pattern: RegExp): string[] =>
  source.flatMap(({ path, text }) => {
    const lines = text.split("\n").filter((line) => pattern.test(line) && !/^\s*(\/\/|\/?\*)/.test(line));
    return lines.length === 0 ? [] : [path];
  });

describe("numbers", () => {
  it.each(OWNERS)("$what are declared in one file", ({ pattern, files }) => {
    expect(declaredIn(pattern).filter((path) => !path.startsWith("src/client/"))).toEqual(files);
  });

  it("of the detector have one name each, and a name has one meaning", () => {
    const names = source
      .filter(({ path }) => path.startsWith("src/detect/") || path.startsWith("src/model/"))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]*)\b/gm)].map(([, name = ""]) => ({ name, path })),
      );
    const first = new Map<string, string>();
    const twice = names.filter(({ name, path }) => {
      if (first.has(name)) return true;
      first.set(name, path);
      return false;
    });
    expect(names.length).toBeGreaterThan(100);
    expect(twice.map(({ name, path }) => `${name}: ${first.get(name)} and ${path}`)).toEqual([]);
  });
});
