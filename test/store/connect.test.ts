import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { checkServer } from "../../src/store/check-server.ts";
import { type ConnectionUse, makeConnections } from "../../src/store/connect.ts";
import { parseRedisUrl } from "../../src/store/redis-url.ts";
import { isAtLeast } from "../../src/store/version.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { servedTime } from "../support/served-time.ts";
import { SILENT } from "./helpers.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

function open(url: string, use: ConnectionUse = "command") {
  const connections = makeConnections({ url }, { logger: SILENT });
  onTestFinished(() => connections.close());
  return connections.open(use);
}

describe("a Redis URL", () => {
  const plain = { tls: false };
  test.each([
    ["/run/redis.sock", { kind: "socket", path: "/run/redis.sock", db: 0, ...plain }],
    ["unix:///run/redis.sock", { kind: "socket", path: "/run/redis.sock", db: 0, ...plain }],
    ["redis://localhost", { kind: "standalone", host: "localhost", port: 6379, db: 0, ...plain }],
    ["redis://[::1]:7000/3", { kind: "standalone", host: "::1", port: 7000, db: 3, ...plain }],
    [
      "rediss://kim:p%40ss@h:1",
      { kind: "standalone", host: "h", port: 1, db: 0, tls: true, username: "kim", password: "p@ss" },
    ],
    ["redis://:secret@h", { kind: "standalone", host: "h", port: 6379, db: 0, password: "secret", ...plain }],
    [
      "redis+sentinel://a,b:5/main/2",
      {
        kind: "sentinel",
        sentinels: [
          { host: "a", port: 26379 },
          { host: "b", port: 5 },
        ],
        name: "main",
        db: 2,
        ...plain,
      },
    ],
    [
      "rediss+cluster://a:7000,b",
      {
        kind: "cluster",
        nodes: [
          { host: "a", port: 7000 },
          { host: "b", port: 6379 },
        ],
        tls: true,
      },
    ],
  ])("%s", (url, target) => {
    expect(parseRedisUrl(url)).toEqual(target);
  });

  test.each([
    "",
    "http://h",
    "redis://",
    "redis://:sesame@h:99999",
    "redis://:sesame@h/x",
    "redis+sentinel://:sesame@h",
    "redis+cluster://:sesame@h/1",
    "redis://a:%zz-sesame@h",
  ])("%j is refused, saying what is allowed and no password", (url) => {
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({ code: "REDIS_URL_INVALID", kind: "mistake" }));
    expect(() => parseRedisUrl(url)).toThrow(/^(?!.*sesame).*redis:\/\/\[user/);
  });
});

describe("the server check", () => {
  test("tells a good server, and warns where nothing is kept on disk", async () => {
    const report = await checkServer(open(server.url));
    expect(report).toMatchObject({ eviction: "noeviction", appendOnly: false });
    expect(report.warnings).toEqual([expect.stringMatching(/append-only/)]);
    expect(isAtLeast(report.version, "6.2")).toBe(true);
  });

  test.each(["allkeys-lru", "volatile-ttl"])("refuses the eviction policy %s", async (policy) => {
    const other = await startTestRedis({ args: ["--maxmemory-policy", policy] });
    onTestFinished(() => other.stop());
    const check = checkServer(open(other.url));
    await expect(check).rejects.toMatchObject({ code: "REDIS_EVICTION", kind: "mistake" });
    await expect(check).rejects.toThrow(new RegExp(`${policy}.*noeviction`));
  });

  test.each([
    ["CONFIG is forbidden, and INFO says it", ["-config"], "noeviction", 1],
    ["nothing says it", ["-config", "-info"], "unknown", 2],
  ] as const)("goes on where %s", async (_, forbidden, eviction, warnings) => {
    const admin = server.client();
    const name = `user${forbidden.length}`;
    await admin.call("ACL", "SETUSER", name, "on", ">secret", "~*", "&*", "+@all", ...forbidden);
    const other = server.client({ username: name, password: "secret", enableReadyCheck: false });
    const report = await checkServer(other);
    expect(report.eviction).toBe(eviction);
    expect(report.warnings).toHaveLength(warnings);
  });

  test("of a server that asks for another password is a mistake, and of none at all is temporary", async () => {
    const locked = await startTestRedis({ args: ["--requirepass", "secret"] });
    onTestFinished(() => locked.stop());
    await expect(checkServer(open(locked.url))).rejects.toMatchObject({ code: "REDIS_AUTH", kind: "mistake" });
    const nobody = checkServer(open("unix:///tmp/hf-test-nobody/redis.sock"));
    await expect(nobody).rejects.toMatchObject({ code: "REDIS_UNREACHABLE", kind: "temporary" });
  });

  test.each([
    ["7.0.15", true],
    ["6.2.0", true],
    ["6.1.9", false],
    ["10.0.0", true],
    ["5.0.14", false],
  ])("takes version %s: %s", (version, good) => {
    expect(isAtLeast(version, "6.2.0")).toBe(good);
  });
});

/** ioredis 6 speaks RESP3; these are the shapes that the store reads. */
test("replies have the shapes that the store reads", async () => {
  const redis = open(server.url);
  await redis.hset("h", { a: "1", b: "2" });
  expect(await redis.hgetall("h")).toEqual({ a: "1", b: "2" });
  expect((await redis.pipeline().hgetall("h").exec())?.[0]).toEqual([null, { a: "1", b: "2" }]);
  expect(await redis.hmgetBuffer("h", "a", "none")).toEqual([Buffer.from("1"), null]);
  await redis.zadd("z", 1.5, "x", 2, "y");
  expect(await redis.zscore("z", "x")).toBe("1.5");
  expect(await redis.zscore("z", "none")).toBeNull();
  expect(await redis.zrevrangebyscore("z", "+inf", "-inf", "WITHSCORES", "LIMIT", 0, 9)).toEqual([
    "y",
    "2",
    "x",
    "1.5",
  ]);
  await redis.xadd("s", "1-0", "f", "v");
  expect(await redis.xrange("s", "-", "+")).toEqual([["1-0", ["f", "v"]]]);
  expect(await redis.xread("COUNT", 1, "STREAMS", "s", "0-0")).toEqual([["s", [["1-0", ["f", "v"]]]]]);
  expect(await redis.xread("COUNT", 1, "STREAMS", "s", "1-0")).toBeNull();
  expect(await redis.multi().get("none").xrange("s", "2-0", "+").exec()).toEqual([
    [null, null],
    [null, []],
  ]);
  expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
});

describe("while Redis is away", () => {
  test.each(["command", "queue", "follow"] as const)(
    "a %s connection says so soon, and works again afterwards",
    async (use) => {
      const other = await startTestRedis();
      onTestFinished(() => other.stop());
      const redis = open(other.url, use);
      await redis.ping();
      await other.kill();
      const refused = () => expect(redis.ping()).rejects.toThrow();
      expect((await servedTime(refused)).ms).toBeLessThan(6_000);
      await other.start();
      await expect.poll(() => redis.ping().catch(() => "no"), { interval: 20 }).toBe("PONG");
    },
  );

  test("a worker's connection waits, as BullMQ demands", async () => {
    const other = await startTestRedis();
    onTestFinished(() => other.stop());
    const redis = open(other.url, "worker");
    await redis.ping();
    await other.kill();
    const answer = redis.ping();
    await other.start();
    expect(await answer).toBe("PONG");
  });

  test("a blocked read of a follower ends with an error when its connection breaks", async () => {
    const redis = open(server.url, "follow");
    await redis.ping();
    const read = redis.xread("BLOCK", 0, "STREAMS", "nothing", "$").then(
      () => "read",
      () => "broken",
    );
    const admin = server.client();
    await expect.poll(() => admin.info("clients"), { interval: 5 }).toMatch(/blocked_clients:1/);
    await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    expect(await read).toBe("broken");
  });
});
