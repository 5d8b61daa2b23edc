import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { HashfallError } from "../../src/model/errors.ts";
import { failureOf } from "../../src/runtime/exit.ts";

describe("an error at the end of a command", () => {
  it.each([
    ["the caller's mistake", new HashfallError("PORT_TAKEN", "port 80 is taken"), 1, "hashfall: port 80 is taken\n"],
    [
      "what may go away",
      new HashfallError("REDIS_DOWN", "no Redis", { kind: "temporary" }),
      75,
      "hashfall: no Redis\n",
    ],
    ["a place in a file", new HashfallError("CONFIG_INVALID", "a.yaml:3:1: x: no"), 1, "a.yaml:3:1: x: no\n"],
    [
      "a bug",
      new TypeError("x is not a function\nat y"),
      1,
      "hashfall: unexpected error: x is not a function (HASHFALL_DEBUG=1 shows where)\n",
    ],
    ["what is no error", "boom", 1, "hashfall: unexpected error: boom (HASHFALL_DEBUG=1 shows where)\n"],
    ["help that was asked for", new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"), 0, ""],
    ["a wrong option", new CommanderError(1, "commander.unknownOption", "error: unknown option"), 1, ""],
  ])("%s has its status and its line", (_, error, status, text) => {
    expect(failureOf(error, { debug: false })).toEqual({ status, text });
  });

  it("shows where it came from when that is asked for", () => {
    expect(failureOf(new TypeError("boom"), { debug: true }).text).toMatch(/boom\n.*TypeError: boom\n\s+at /s);
  });
});
