import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { runHere } from "../support/run-here.ts";

const CONFIG = `networks:
  bitcoin:
    pools:
      antpool:
        window: 1h
        regions: {CN: 0.4, US: 0.3}
        source: {type: antpool, url: "http://127.0.0.1:9", allowPrivate: true}
`;

const dir = mkdtempSync("/tmp/hf-mistakes-");
const config = join(dir, "good.yaml");
let evicting: TestRedis;
let port: number;
let taken: Server;

beforeAll(async () => {
  writeFileSync(config, CONFIG);
  writeFileSync(join(dir, "unknown-key.yaml"), CONFIG.replace("window:", "windw:"));
  writeFileSync(join(dir, "no-source.yaml"), CONFIG.replace(/ {8}source.*\n/, ""));
  writeFileSync(join(dir, "a-file"), "");
  evicting = await startTestRedis({ args: ["--maxmemory-policy", "allkeys-lru"] });
  taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  port = (taken.address() as { port: number }).port;
});
afterAll(async () => {
  taken.close();
  await evicting.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("what cannot start says why in one line and leaves with 1 or 75", () => {
  /** What has begun when the mistake is found must end with the process. */
  const started: {
    name: string;
    args: () => string[];
    env?: () => Record<string, string>;
    status: number;
    says: RegExp;
  }[] = [
    {
      name: "a port that is taken",
      args: () => ["start", "--config", config, "--port", String(port), "--data", join(dir, "d1")],
      status: 1,
      says: /127\.0\.0\.1:\d+ is taken/,
    },
    {
      name: "a data folder that is a file",
      args: () => ["start", "--config", config, "--port", "0", "--data", join(dir, "a-file")],
      status: 1,
      says: /a-file/,
    },
    {
      name: "a data folder that cannot be written",
      args: () => ["start", "--config", config, "--port", "0", "--data", "/proc/hashfall"],
      status: 1,
      says: /\/proc\/hashfall/,
    },
    {
      name: "a Redis that evicts",
      args: () => ["start", "--config", config, "--port", "0"],
      env: () => ({ REDIS_URL: evicting.url }),
      status: 1,
      says: /allkeys-lru.*noeviction/,
    },
    {
      name: "a Redis that does not answer",
      args: () => ["start", "--config", config, "--port", "0"],
      env: () => ({ REDIS_URL: "redis://127.0.0.1:9" }),
      status: 75,
      says: /Redis does not answer/,
    },
    {
      name: "a REDIS_URL that is none",
      args: () => ["start", "--config", config, "--port", "0"],
      env: () => ({ REDIS_URL: "http://somewhere" }),
      status: 1,
      says: /redis:\/\//,
    },
    {
      name: "a server binary that is none",
      args: () => ["start", "--config", config, "--port", "0", "--data", join(dir, "d2")],
      env: () => ({ REDIS_SERVER_BIN: "/bin/false" }),
      status: 1,
      says: /REDIS_SERVER_BIN/,
    },
    {
      name: "a protocol for traces that we do not speak",
      args: () => ["start", "--config", config, "--port", "0", "--data", join(dir, "d3")],
      env: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }),
      status: 1,
      says: /OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not allowed; allowed: http\/json/,
    },
  ];
  it.each(started)("$name", async ({ args, env, status, says }) => {
    const { output, status: left } = await runCli(args(), { env: env?.() ?? {}, cwd: dir });
    expectMistake({ output, left, status, says });
  });

  const readBefore: { name: string; args: () => string[]; status: number; says: RegExp }[] = [
    {
      name: "an unknown key",
      args: () => ["start", "--config", join(dir, "unknown-key.yaml")],
      status: 1,
      says: /unknown-key\.yaml:5:\d+: .*windw.*window/,
    },
    {
      name: "a configuration without any source",
      args: () => ["start", "--config", join(dir, "no-source.yaml")],
      status: 1,
      says: /no pool has a source/,
    },
    {
      name: "a file that is not there",
      args: () => ["start", "--config", join(dir, "nowhere.yaml")],
      status: 1,
      says: /nowhere\.yaml: there is no such file/,
    },
    {
      name: "an unknown role",
      args: () => ["start", "--roles", "pol"],
      status: 1,
      says: /"pol" is no role; allowed are poll, detect, serve/,
    },
    {
      name: "an unknown scenario",
      args: () => ["demo", "--scenario", "atlantis-2022", "--port", "0"],
      status: 1,
      says: /atlantis-2022.*kazakhstan-2022/s,
    },
    { name: "a port that is no number", args: () => ["demo", "--port", "eighty"], status: 1, says: /0 to 65535/ },
  ];
  it.each(readBefore)("$name", async ({ args, status, says }) => {
    const { out, err, status: left } = await runHere(dir, args());
    expectMistake({ output: out + err, left, status, says });
  });
});

function expectMistake(ran: { output: string; left: number | string | null; status: number; says: RegExp }): void {
  const { output, left, status, says } = ran;
  expect(output).toMatch(says);
  expect(left).toBe(status);
  // One line of explanation (a usage mistake adds where help is); logs are JSON lines and do not count.
  const lines = output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  expect(lines.length).toBeLessThanOrEqual(3);
  expect(output).not.toMatch(/ {4}at .*\.js:/);
}
