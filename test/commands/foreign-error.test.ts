import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseHost } from "../../src/commands/arguments.ts";
import { failureOf } from "../../src/runtime/exit.ts";
import { runHere } from "../support/run-here.ts";
import { type BuiltCli, copyCli } from "./built-cli.ts";

const systemError = (code: string, syscall: string, path?: string) =>
  Object.assign(new Error(`${code}: something, ${syscall} '${path}'`), { code, syscall, ...(path ? { path } : {}) });

describe("an error of Node or of the Redis client", () => {
  it.each([
    [
      "a file that is not there",
      systemError("ENOENT", "open", "/a/b"),
      1,
      "/a/b cannot be opened: there is no such file or folder (ENOENT)",
    ],
    [
      "a file system that is read-only",
      systemError("EROFS", "mkdir", "/data"),
      1,
      "/data cannot be made: the file system can only be read (EROFS)",
    ],
    [
      "a full disk",
      systemError("ENOSPC", "write"),
      1,
      "a file cannot be written: no space is left on the device (ENOSPC)",
    ],
    [
      "a Redis that went away",
      Object.assign(new Error("Reached the max retries per request limit (which is 2). Refer to ..."), {
        name: "MaxRetriesPerRequestError",
      }),
      75,
      "Redis went away while a command waited for its answer",
    ],
    ["a Redis that is slow", new Error("Command timed out"), 75, "Redis took too long to answer a command"],
  ])("is said in our own words: %s", (_, error, status, text) => {
    expect(failureOf(error, { debug: false })).toEqual({ status, text: `hashfall: ${text}\n` });
  });
});

describe("an address to bind", () => {
  it.each([
    ["[::1]", "::1"],
    ["::1", "::1"],
    ["127.0.0.1", "127.0.0.1"],
    [" localhost ", "localhost"],
  ])("%s is %s", (text, host) => {
    expect(parseHost(text)).toBe(host);
  });
  it.each(["", " ", "[]", "127.0.0.1:80", "http://a", "[::1]:80", "a b"])("%j is refused", (text) => {
    expect(() => parseHost(text)).toThrow("Allowed is an address or a name");
  });
});

describe("the command line", () => {
  let cli: BuiltCli;
  beforeAll(() => {
    cli = copyCli();
    writeFileSync(join(cli.folder, "file"), "");
    writeFileSync(
      join(cli.folder, "production.yaml"),
      `networks: {bitcoin: {pools: {antpool: {window: 1h, regions: {KZ: 0.2}, source: {type: braiins, token: {env: BRAIINS}}}}}}
server: {tokens: [{name: desk, token: {env: TOKEN}}], push: {farm: {secret: {env: FARM}, pools: [antpool]}}}
webhooks:
  chat: {url: "\${env:SLACK}", preset: slack}
  oncall: {url: "https://events.pagerduty.com/v2/enqueue", preset: pagerduty, routingKey: {env: PAGERDUTY}}
`,
    );
  });
  afterAll(() => cli?.remove());

  it.each([
    [["demo", "--seed", "abc"], "argument 'abc' is invalid. Allowed is a whole number from 0 to"],
    [["demo", "--host", ""], "Allowed is an address or a name"],
  ])("%j says what is wrong in our own words", async (args, said) => {
    const { status, err } = await runHere(cli.folder, args);
    expect(status).toBe(1);
    expect(err).toContain(said);
    expect(err).not.toContain("unexpected error");
  });

  it("says in our own words that a data folder cannot be one", async () => {
    const { status, err } = await cli.run(["demo", "--data", "file/x", "--port", "0"]);
    expect(status).toBe(1);
    expect(err).toContain("a part of the path is no folder (ENOTDIR)");
    expect(err).not.toContain("unexpected error");
  });

  it("names why Redis does not answer in its last line", async () => {
    const { status, err } = await cli.run(["demo", "--port", "0"], { REDIS_URL: "redis://127.0.0.1:9" });
    expect(status).toBe(75);
    expect(err.trim().split("\n").at(-1)).toBe("hashfall: Redis does not answer: connect ECONNREFUSED 127.0.0.1:9");
  });

  it("checks without the secrets of production, and says which it did not look at", async () => {
    const { status, out, err } = await runHere(cli.folder, ["check", "--config", "production.yaml"]);
    expect(err).toBe("");
    expect(status).toBe(0);
    for (const name of ["SLACK", "PAGERDUTY", "TOKEN", "FARM", "BRAIINS"])
      expect(out).toContain(`variable ${name} is not set`);
    const json = await runHere(cli.folder, ["check", "--config", "production.yaml", "--json"]);
    expect((JSON.parse(json.out) as { unset: object[] }).unset.length).toBe(5);
  });

  it("checks with JSON also where there are faults", async () => {
    writeFileSync(
      join(cli.folder, "bad.yaml"),
      "networks:\n  bitcoin:\n    interval: 7m\n    pools: {a: {window: 1h}}\n",
    );
    const bad = await runHere(cli.folder, ["check", "--config", "bad.yaml", "--json"]);
    expect(bad.status).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({
      config: "bad.yaml",
      code: "CONFIG_INVALID",
      faults: [{ line: 3, column: 5, key: "networks.bitcoin.interval" }],
    });
    const none = await runHere(cli.folder, ["check", "--config", "none.yaml", "--json"]);
    expect(none.status).toBe(1);
    expect(JSON.parse(none.out)).toMatchObject({ code: "CONFIG_UNREADABLE" });
  });

  it("exports without the secrets of production: it meets its Redis, not a missing token", async () => {
    const { status, err } = await cli.run(["export", "--config", "production.yaml"], {
      REDIS_URL: "redis://127.0.0.1:9",
    });
    expect(status).toBe(75);
    expect(err).toContain("Redis does not answer: connect ECONNREFUSED");
  });
});
