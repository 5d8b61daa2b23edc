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
});
