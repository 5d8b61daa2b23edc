import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/list.ts";
import { type Ran, runHere } from "../support/run-here.ts";
import { type BuiltCli, copyCli } from "./built-cli.ts";

/** What a pool of a test answers, by path. */
const ANSWERS: Readonly<Record<string, readonly [status: number, body: string]>> = {
  "/good": [200, JSON.stringify({ rate: 2.9e20, at: "2020-01-01T00:00:00Z" })],
  "/html": [200, "<!doctype html><title>maintenance</title>"],
  "/map": [200, JSON.stringify({ us: 2e18, eu: 1e18, jp: 5e17 })],
  "/refused": [403, "no"],
  "/keyed": [401, "no"],
  "/api/v1/webhooks/desk/test": [200, JSON.stringify({ webhook: "desk", delivered: true })],
  "/api/v1/webhooks/chat/test": [
    200,
    JSON.stringify({ webhook: "chat", delivered: false, reason: "the receiver answered 403" }),
  ],
  "/api/v1/webhooks/nobody/test": [404, JSON.stringify({ detail: 'no webhook "nobody" is configured' })],
  "/busy": [429, "too many"],
};

let cli: BuiltCli;
let server: Server;
let base: string;
/** Without a process; what only a process shows is asked of `cli`. */
const run = (args: readonly string[]): Promise<Ran> => runHere(cli.folder, args);
beforeAll(async () => {
  cli = copyCli();
  server = createServer((request, response) => {
    const [status, body] = ANSWERS[request.url ?? ""] ?? [404, "nothing here"];
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    join(cli.folder, "bad.yaml"),
    "networks:\n  bitcoin:\n    interval: 7m\n    pools: {antpool: {widow: 1h}}\n",
  );
  writeFileSync(
    join(cli.folder, "good.yaml"),
    "networks: {bitcoin: {pools: {antpool: {window: 1h, regions: {KZ: 0.2}}}}}\n",
  );
});
afterAll(async () => {
  cli?.remove();
  server?.close();
  if (server) await once(server, "close");
});

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
    const { status, out, err } = await run([name, "--help"]);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(new RegExp(`^Usage: hashfall ${name}`));
    expect(out).toContain("--help");
  });

  it("leaves its process with the status and the line of a mistake", async () => {
    const ran = await cli.run(["strat"]);
    expect(ran).toEqual({ status: 1, out: "", err: expect.stringContaining("Did you mean start?") });
  });

  it.each([
    [["--nope"], "unknown option '--nope'"],
    [["check", "--nope"], "unknown option '--nope'"],
    [["check", "--config"], "argument missing"],
    [["check", "surplus"], "too many arguments"],
    [
      ["check", "--config", "nowhere.yaml"],
      "nowhere.yaml: there is no such file; name a configuration with --config FILE",
    ],
  ])("%j is a mistake: status 1, and a line that says which", async (args, says) => {
    const { status, out, err } = await run(args);
    expect([status, out]).toEqual([1, ""]);
    expect(err).toContain(says);
    expect(err.trim().split("\n").length).toBeLessThanOrEqual(3);
  });
});

describe("hashfall webhook test", () => {
  it.each([
    ["desk", 0, "desk: the receiver took the test message\n", ""],
    ["chat", 75, "", "hashfall: chat: the receiver answered 403\n"],
    ["nobody", 1, "", 'answered 404: no webhook "nobody" is configured\n'],
  ])("of %s leaves with status %i and says what became of it", async (name, status, out, err) => {
    const ran = await run(["webhook", "test", name, "--url", base]);
    expect(ran).toEqual({ status, out, err: expect.stringContaining(err) });
  });
});

describe("hashfall check", () => {
  it("names every fault with file, line and what is allowed, and leaves with status 1", async () => {
    const { status, out, err } = await run(["check", "--config", "bad.yaml"]);
    expect([status, out]).toEqual([1, ""]);
    expect(err.trim().split("\n")).toEqual([
      expect.stringMatching(
        /^bad\.yaml:3:5: networks\.bitcoin\.interval: "7m" is not allowed; allowed: .*divides an hour/,
      ),
      expect.stringMatching(/^bad\.yaml:4:23: networks\.bitcoin\.pools\.antpool\.widow: .*Did you mean window\?$/),
    ]);
  });

  it("tells what a sound configuration holds", async () => {
    const { status, out, err } = await run(["check", "--config", "good.yaml"]);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("good.yaml: no fault");
    expect(out).toMatch(/antpool +1h +- +KZ 20 %/);
    expect(out).toContain("nothing to poll");
    expect(out).toMatch(/region +1 h +24 h +named 1 h +named 24 h +confused with\n +KZ( +(\d+ %|-)){4} +-/);
  });

  it("prints JSON that a program can read", async () => {
    const { status, out } = await run(["check", "--config", "good.yaml", "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      config: "good.yaml",
      networks: [
        { network: "bitcoin", pools: [{ pool: "antpool", windowSeconds: 3600 }], resolvability: [{ region: "KZ" }] },
      ],
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

/** A configuration whose pools are read from the test's own server. */
function config(name: string, paths: readonly string[]): string {
  const pools = paths.map((path) => {
    const source = `{type: reported-json, url: "${base}/${path}", allowPrivate: true, hashrate: rate, unit: H/s, time: at, windowSeconds: 3600}`;
    return `      ${path}:\n        source: ${source}\n`;
  });
  writeFileSync(join(cli.folder, name), `networks:\n  bitcoin:\n    pools:\n${pools.join("")}`);
  return name;
}

describe("hashfall check --sources", () => {
  it("prints value, unit, window and age of what answers, and what to do about what does not", async () => {
    const file = config("mixed.yaml", ["good", "html", "refused", "keyed", "gone"]);
    const { status, out, err } = await run(["check", "--config", file, "--sources"]);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /reported-json:good +stale +good 290 EH\/s over 1 h \(unknown\), \d+ d old \(body\), too old to be used; not used: 1 x stale/,
    );
    expect(out).toMatch(/reported-json:html +format .*\n +what came is not what this type reads/);
    expect(out).toMatch(/reported-json:keyed +auth .*\n +it wants a key/);
    expect(out).toMatch(/reported-json:refused +auth .*\n +it refuses this address: asked too often/);
    expect(out).toMatch(/reported-json:gone +http .*\n +nothing is at that address/);
    expect(out).toContain("1 of 5 sources answered, 1 of them with nothing that can be used");
    expect(out).toMatch(/asking every source once, as "hashfall\/\d[^"]* \(mining-pool monitor; no contact given\)":/);
  });

  it("names what an upstream names and the configuration does not map, and asks under the contact that is given", async () => {
    const source = `{type: regions-map, url: "${base}/map", allowPrivate: true, shape: map, regions: {us: US}}`;
    writeFileSync(
      join(cli.folder, "map.yaml"),
      `contact: https://example.org/us\nnetworks: {bitcoin: {pools: {farm: {source: ${source}}}}}\n`,
    );
    const { status, out } = await run(["check", "--config", "map.yaml", "--sources"]);
    expect(status).toBe(0);
    expect(out).toMatch(/ok +farm in US 2 EH\/s .*; not used: 2 x unknown region\n +.*which region these are: eu, jp/);
    expect(out).toMatch(/as "hashfall\/\S+ \(\+https:\/\/example\.org\/us\)":/);
  });

  it("prints JSON that a program can read, without what came word by word", async () => {
    const { status, out } = await run(["check", "--config", config("json.yaml", ["good"]), "--sources", "--json"]);
    expect(status).toBe(0);
    const [source] = (JSON.parse(out) as { sources: Record<string, unknown>[] }).sources;
    expect(source).toMatchObject({
      source: "reported-json:good",
      outcome: "unused",
      rows: [{ pool: "good", hashrate: 2.9e20 }],
    });
    expect(JSON.stringify(source)).not.toContain("raw");
  });

  it("leaves with status 75 when nothing answers: it may go away by itself", async () => {
    const { status, err } = await run(["check", "--config", config("busy.yaml", ["busy"]), "--sources"]);
    expect([status, err]).toEqual([75, "hashfall: no source answered: what to do stands beside each\n"]);
  });

  it("refuses a private address that the configuration does not allow", async () => {
    const file = config("private.yaml", ["good"]);
    writeFileSync(
      join(cli.folder, file),
      `networks: {bitcoin: {pools: {a: {source: {type: reported-json, url: "${base}/good", hashrate: rate}}}}}\n`,
    );
    const { status, out } = await run(["check", "--config", file, "--sources"]);
    expect(status).toBe(75);
    expect(out).toContain("allowPrivate");
  });

  it("names a source that cannot work as configured before anything is asked", async () => {
    writeFileSync(
      join(cli.folder, "broken.yaml"),
      "networks:\n  bitcoin:\n    pools:\n      a:\n        source: {type: reported-json, hashrate: x}\n",
    );
    const { status, err } = await run(["check", "--config", "broken.yaml"]);
    expect(status).toBe(1);
    expect(err).toMatch(/^broken\.yaml:5:9: networks\.bitcoin\.pools\.a\.source: missing `url`/);
  });
});
