import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCli, buildCli } from "./built-cli.ts";

const ANSWERS: Readonly<Record<string, readonly [status: number, body: string]>> = {
  "/good": [200, JSON.stringify({ rate: 2.9e20, at: "2020-01-01T00:00:00Z" })],
  "/html": [200, "<!doctype html><title>maintenance</title>"],
  "/refused": [403, "no"],
  "/busy": [429, "too many"],
};

let cli: BuiltCli;
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const [status, body] = ANSWERS[request.url ?? ""] ?? [404, "nothing here"];
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cli = await buildCli();
}, 120_000);
afterAll(async () => {
  cli?.remove();
  server.close();
  await once(server, "close");
});

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
    const file = config("mixed.yaml", ["good", "html", "refused", "gone"]);
    const { status, out, err } = await cli.run(["check", "--config", file, "--sources"]);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /reported-json:good +ok +good 290 EH\/s over 60 min \(unknown\), \d+ d old \(body\), too old to be used/,
    );
    expect(out).toMatch(/reported-json:html +format .*\n +what came is not what this type reads/);
    expect(out).toMatch(/reported-json:refused +auth .*\n +it wants a key/);
    expect(out).toMatch(/reported-json:gone +http .*\n +it refused the request/);
    expect(out).toContain("1 of 4 sources answered");
  });

  it("prints JSON that a program can read, without what came word by word", async () => {
    const { status, out } = await cli.run(["check", "--config", config("json.yaml", ["good"]), "--sources", "--json"]);
    expect(status).toBe(0);
    const [source] = (JSON.parse(out) as { sources: Record<string, unknown>[] }).sources;
    expect(source).toMatchObject({
      source: "reported-json:good",
      outcome: "ok",
      rows: [{ pool: "good", hashrate: 2.9e20 }],
    });
    expect(JSON.stringify(source)).not.toContain("raw");
  });

  it("leaves with status 75 when nothing answers: it may go away by itself", async () => {
    const { status, err } = await cli.run(["check", "--config", config("busy.yaml", ["busy"]), "--sources"]);
    expect([status, err]).toEqual([
      75,
      "hashfall: no source answered: is there a connection to the internet from here?\n",
    ]);
  });

  it("refuses a private address that the configuration does not allow", async () => {
    const file = config("private.yaml", ["good"]);
    writeFileSync(
      join(cli.folder, file),
      `networks: {bitcoin: {pools: {a: {source: {type: reported-json, url: "${base}/good", hashrate: rate}}}}}\n`,
    );
    const { status, out } = await cli.run(["check", "--config", file, "--sources"]);
    expect(status).toBe(75);
    expect(out).toContain("allowPrivate");
  });

  it("names a source that cannot work as configured before anything is asked", async () => {
    writeFileSync(
      join(cli.folder, "broken.yaml"),
      "networks:\n  bitcoin:\n    pools:\n      a:\n        source: {type: reported-json, hashrate: x}\n",
    );
    const { status, err } = await cli.run(["check", "--config", "broken.yaml"]);
    expect(status).toBe(1);
    expect(err).toMatch(/^broken\.yaml:5:9: networks\.bitcoin\.pools\.a\.source: missing `url`/);
  });
});
