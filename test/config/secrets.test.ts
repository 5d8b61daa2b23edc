import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { messageOf } from "../../src/model/errors.ts";

const SENTINEL = "s3ntinel-of-a-secret";
const POOLS = "networks: {bitcoin: {pools: {a: {}}}}";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hashfall-secrets-"));
  writeFileSync(join(folder, "token"), `${SENTINEL}\n`);
  writeFileSync(join(folder, "empty"), "\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (rest: string, env: Record<string, string> = {}) =>
  parseConfig(`${POOLS}\n${rest}`, { file: join(folder, "c.yaml"), env });
const refusal = (rest: string, env: Record<string, string> = {}): string => {
  try {
    load(rest, env);
  } catch (error) {
    return messageOf(error);
  }
  throw new Error("accepted");
};
const token = (reference: string) => `server: {tokens: [{name: ops, token: ${reference}}]}`;

describe("a secret", () => {
  it.each(["{env: OPS_TOKEN}", '"${env:OPS_TOKEN}"', "{file: token}", '"${file:token}"'])(
    "is read from %s",
    (reference) => {
      expect(load(token(reference), { OPS_TOKEN: SENTINEL }).server.tokens).toEqual([
        { name: "ops", token: SENTINEL, scopes: ["read"] },
      ]);
    },
  );

  it("may be a part of a text", () => {
    const { redis } = load('redis: {url: "redis://:${env:PASSWORD}@db.example:6379"}', { PASSWORD: SENTINEL });
    expect(redis.url).toBe(`redis://:${SENTINEL}@db.example:6379`);
  });

  it.each([
    ["a variable that is not set", token("{env: OPS_TOKEN}"), "OPS_TOKEN is not set"],
    ["a file that is empty", token("{file: empty}"), "empty"],
    ["a file that is not there", token("{file: nowhere}"), "cannot be read"],
    ["a secret that stands in the file", token(SENTINEL), "never the secret itself"],
    ["a number", token("12345678"), "never the secret itself"],
    ["a list of secrets", `server: {tokens: [${SENTINEL}]}`, "server.tokens[0]"],
    [
      "a mistyped key beside it",
      `server: {tokens: [{name: ops, tokn: ${SENTINEL}, token: {env: T}}]}`,
      "Did you mean token?",
    ],
  ])("is refused in one line from %s, and never shown", (_, rest, says) => {
    const text = refusal(rest, { T: SENTINEL });
    expect(text).toContain(says);
    expect(text).not.toContain(SENTINEL);
  });

  it("is not shown when the value it becomes is not allowed", () => {
    const text = refusal('redis: {url: "${env:URL}"}', { URL: `nonsense-${SENTINEL}` });
    expect(text).toContain("redis.url: the Redis URL is not understood; allowed are redis://");
    expect(text).not.toContain(SENTINEL);
  });

  it("in a URL is not shown when the URL is not allowed", () => {
    const text = refusal(`redis: {url: "http://user:${SENTINEL}@host/?key=${SENTINEL}"}`);
    expect(text).toContain("redis.url");
    expect(text).not.toContain(SENTINEL);
  });
});

describe("REDIS_URL", () => {
  it("of the environment wins over the file", () => {
    const { redis } = load("redis: {url: redis://file:6379}", { REDIS_URL: "redis://env:6379" });
    expect(redis.url).toBe("redis://env:6379");
  });
});

describe("a configuration that is read for a replay", () => {
  const text = 'networks: {bitcoin: {pools: {a: {source: {type: mempool, url: "${env:NOWHERE}/x"}}}}}';
  const service = 'redis: {url: "${env:NOWHERE}"}\nserver: {tokens: [{name: ops, token: {env: NOWHERE}}]}';
  const read = (offline: boolean, env: Record<string, string> = {}) =>
    parseConfig(`${text}\n${service}`, { file: "c.yaml", env, offline });

  it("needs none of the secrets of the service, and has the live run's hash", () => {
    expect(() => read(false)).toThrow(/NOWHERE is not set/);
    const live = parseConfig(text, { file: "c.yaml", env: { NOWHERE: "https://real.example" } });
    expect(read(true).hash).toBe(live.hash);
    expect(read(true).server.tokens).toEqual([]);
  });

  it("is still refused for its faults", () => {
    expect(() =>
      parseConfig("networks: {bitcoin: {interval: 7m, pools: {a: {}}}}", { file: "c.yaml", offline: true }),
    ).toThrow(/divides an hour/);
  });
});
