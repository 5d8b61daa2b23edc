import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { type BuiltCli, buildCli } from "./built-cli.ts";

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
  writeFileSync(
    join(cli.folder, "bad.yaml"),
    "networks:\n  bitcoin:\n    interval: 7m\n    pools: {antpool: {widow: 1h}}\n",
  );
  writeFileSync(
    join(cli.folder, "good.yaml"),
    "networks: {bitcoin: {pools: {antpool: {window: 1h, regions: {KZ: 0.2}}}}}\n",
  );
}, 120_000);
afterAll(() => cli?.remove());

describe("hashfall", () => {
  it("without a command prints the help and is content", async () => {
    const { status, out, err } = await cli.run([]);
    expect([status, err]).toEqual([0, ""]);
    for (const { name, summary } of COMMANDS) expect(out.replaceAll(/\s+/g, " ")).toContain(`${name} ${summary}`);
  });

  it("prints its version", async () => {
    expect(await cli.run(["--version"])).toEqual({
      status: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: "",
    });
  });

  it.each(COMMANDS.map((command) => command.name))("%s --help says what it does, with options", async (name) => {
    const { status, out, err } = await cli.run([name, "--help"]);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(new RegExp(`^Usage: hashfall ${name}`));
    expect(out).toContain("--help");
  });

  it.each([
    [["strat"], "Did you mean start?"],
    [["--nope"], "unknown option '--nope'"],
    [["check", "--nope"], "unknown option '--nope'"],
    [["check", "--config"], "argument missing"],
    [["check", "surplus"], "too many arguments"],
    [
      ["check", "--config", "nowhere.yaml"],
      "nowhere.yaml: there is no such file; name a configuration with --config FILE",
    ],
  ])("%j is a mistake: status 1, and a line that says which", async (args, says) => {
    const { status, out, err } = await cli.run(args);
    expect([status, out]).toEqual([1, ""]);
    expect(err).toContain(says);
    expect(err.trim().split("\n").length).toBeLessThanOrEqual(3);
  });
});

describe("hashfall check", () => {
  it("names every fault with file, line and what is allowed, and leaves with status 1", async () => {
    const { status, out, err } = await cli.run(["check", "--config", "bad.yaml"]);
    expect([status, out]).toEqual([1, ""]);
    expect(err.trim().split("\n")).toEqual([
      expect.stringMatching(
        /^bad\.yaml:3:5: networks\.bitcoin\.interval: "7m" is not allowed; allowed: .*divides an hour/,
      ),
      expect.stringMatching(/^bad\.yaml:4:23: networks\.bitcoin\.pools\.antpool\.widow: .*Did you mean window\?$/),
    ]);
  });

  it("tells what a sound configuration holds", async () => {
    const { status, out, err } = await cli.run(["check", "--config", "good.yaml"]);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("good.yaml: no fault");
    expect(out).toMatch(/antpool +1h +- +KZ 20 %/);
    expect(out).toContain("nothing to poll");
  });

  it("prints JSON that a program can read", async () => {
    const { status, out } = await cli.run(["check", "--config", "good.yaml", "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      config: "good.yaml",
      networks: [{ network: "bitcoin", pools: [{ pool: "antpool", windowSeconds: 3600 }] }],
    });
  });

  it("ends quietly when nobody reads on", async () => {
    expect(await cli.runIntoClosedPipe(["check", "--config", "good.yaml"])).toEqual({ status: 0, out: "", err: "" });
  });

  it("shows no secret of the environment", async () => {
    writeFileSync(
      join(cli.folder, "secret.yaml"),
      'networks: {bitcoin: {pools: {a: {}}}}\nredis: {url: "${env:SECRET_URL}"}\n',
    );
    const { status, out, err } = await cli.run(["check", "--config", "secret.yaml"], { SECRET_URL: "sesame://open" });
    expect(status).toBe(1);
    expect(out + err).not.toContain("sesame");
  });
});
