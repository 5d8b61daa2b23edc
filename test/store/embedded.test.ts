import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { HashfallError } from "../../src/model/errors.ts";
import { checkServer } from "../../src/store/check-server.ts";
import { makeConnections } from "../../src/store/connect.ts";
import { openStored } from "../../src/store/embedded/open-stored.ts";
import { makeSocketPath, removeSocketFolder } from "../../src/store/embedded/runtime-folder.ts";
import { type EmbeddedRedis, startEmbedded } from "../../src/store/embedded/start-embedded.ts";
import { SILENT } from "./helpers.ts";
import { ancestry, clientOf, isRunning, serverPid, temporaryFolder, writeParent } from "./processes.ts";

let parent: ReturnType<typeof writeParent>;
beforeAll(() => {
  parent = writeParent();
});
afterAll(() => parent.remove());

async function start(dataDir: string): Promise<EmbeddedRedis> {
  const redis = await startEmbedded({ dataDir, fetchServer: false, say: () => {} }, { logger: SILENT });
  onTestFinished(() => redis.stop());
  return redis;
}

/** A process of its own with an embedded server. */
async function startParent(dataDir: string) {
  const child = spawn(process.execPath, [parent.program, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const [socketPath] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const client = clientOf(socketPath);
  const pid = await serverPid(client);
  return { child, socketPath, client, pid };
}

describe("the embedded server", () => {
  test("is a real one that hashfall may rely on, in folders of our own", async () => {
    const dataDir = join(temporaryFolder(), "new", "data");
    const redis = await start(dataDir);
    const connections = makeConnections({ url: redis.url }, { logger: SILENT });
    onTestFinished(() => connections.close());
    const report = await checkServer(connections.open("command"));
    expect(report).toMatchObject({ eviction: "noeviction", appendOnly: true, warnings: [] });
    expect(redis.version).toMatch(/^(Redis|Valkey) \d+\.\d+\.\d+$/);
    for (const folder of [dataDir, join(dataDir, "redis"), dirname(redis.socketPath)]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
  });

  test("keeps what was written, and leaves nothing behind but the data", async () => {
    const dataDir = temporaryFolder();
    const first = await start(dataDir);
    const client = clientOf(first.socketPath);
    await client.set("a", "1");
    const pid = await serverPid(client);
    await first.stop();
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(dirname(first.socketPath))).toBe(false);
    expect(readdirSync(dataDir).toSorted()).toEqual(["lock", "redis"]);
    const second = await start(dataDir);
    expect(await clientOf(second.socketPath).get("a")).toBe("1");
  });

  test("stands in a process group of its own, so that ^C in a terminal does not end it before us", async () => {
    const { pid, child } = await startParent(temporaryFolder());
    expect(ancestry(pid).group).not.toBe(ancestry(child.pid ?? 0).group);
  });

  test("dies with a parent that is killed, and what it had is there for the next at once", async () => {
    const dataDir = temporaryFolder();
    const { child, client, pid } = await startParent(dataDir);
    await client.set("a", "1");
    child.kill("SIGKILL");
    await once(child, "exit");
    const next = await start(dataDir);
    expect(isRunning(pid)).toBe(false);
    expect(await clientOf(next.socketPath).get("a")).toBe("1");
  });

  test("leaves no socket behind when the parent is killed", async () => {
    const { child, socketPath } = await startParent(temporaryFolder());
    child.kill("SIGKILL");
    await vi.waitFor(() => expect(existsSync(dirname(socketPath))).toBe(false), { timeout: 120_000, interval: 10 });
  });

  test("dies when the parent and the wrapper between them are killed together", async () => {
    const { child, pid } = await startParent(temporaryFolder());
    process.kill(ancestry(pid).parent, "SIGKILL");
    child.kill("SIGKILL");
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 120_000, interval: 10 });
  });

  test.each(["the server", "the wrapper"])("is started again, on the same socket, when %s is killed", async (which) => {
    const redis = await start(temporaryFolder());
    const client = clientOf(redis.socketPath);
    await client.set("a", "1");
    const pid = await serverPid(client);
    process.kill(which === "the server" ? pid : ancestry(pid).parent, "SIGKILL");
    await vi.waitFor(async () => expect(await serverPid(client)).not.toBe(pid), { timeout: 120_000, interval: 10 });
    expect(isRunning(pid)).toBe(false);
    expect(await client.get("a")).toBe("1");
  });

  test("is given up after three ends in a short time", async () => {
    const redis = await start(temporaryFolder());
    const client = clientOf(redis.socketPath);
    let last = 0;
    const death = new Promise<HashfallError>((resolve) => redis.onDeath(resolve));
    for (let i = 0; i < 3; i++) {
      const pid = await vi.waitFor(
        async () => {
          const current = await serverPid(client);
          expect(current).not.toBe(last);
          return current;
        },
        { timeout: 120_000, interval: 10 },
      );
      last = pid;
      process.kill(pid, "SIGKILL");
    }
    const error = await death;
    expect(error).toMatchObject({ code: "REDIS_DIED", kind: "temporary" });
    expect(error.message).toMatch(/3 times within a minute/);
    await expect(new Promise((resolve) => redis.onDeath(resolve))).resolves.toBe(error);
  });
});

describe("a data folder", () => {
  test("that another process uses is refused, and its data can be read through it", async () => {
    const dataDir = temporaryFolder();
    const { client, socketPath } = await startParent(dataDir);
    await expect(start(dataDir)).rejects.toMatchObject({ code: "DATA_DIR_IN_USE", kind: "temporary" });
    expect(await client.ping()).toBe("PONG");
    const stored = await openStored({ dataDir, fetchServer: false, say: () => {} }, { logger: SILENT });
    expect(stored.url).toBe(`unix://${socketPath}`);
    await stored.close();
    expect(await client.ping()).toBe("PONG");
  });

  test.each([
    ["below a file", (folder: string) => join(folder, "file", "data")],
    ["in a file system that takes none", () => "/proc/hashfall"],
  ])("that cannot be made, %s, is a clear mistake", async (_, pathIn) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const failure = start(pathIn(folder));
    await expect(failure).rejects.toMatchObject({ code: "DATA_DIR_UNWRITABLE", kind: "mistake" });
    await expect(failure).rejects.toThrow(/--data/);
  });

  test("with damaged data is left as it is, and the way out is said", async () => {
    const dataDir = temporaryFolder();
    const first = await start(dataDir);
    const client = clientOf(first.socketPath);
    for (let i = 0; i < 100; i++) await client.set(`key-${i}`, "x".repeat(50));
    await first.stop();
    const folder = join(dataDir, "redis", "appendonlydir");
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".incr.aof")) ?? "");
    const damaged = readFileSync(file);
    damaged.fill("!", 1000, 1100);
    writeFileSync(file, damaged);
    const failure = start(dataDir);
    await expect(failure).rejects.toMatchObject({ code: "REDIS_AOF_DAMAGED", kind: "mistake" });
    await expect(failure).rejects.toThrow(/redis-check-aof --fix/);
    expect(readFileSync(file).equals(damaged)).toBe(true);
    expect(readdirSync(dataDir).toSorted()).toEqual(["lock", "redis"]);
  });

  test("in which nothing was ever stored is told apart from an empty one", async () => {
    const failure = openStored({ dataDir: temporaryFolder(), fetchServer: false, say: () => {} }, { logger: SILENT });
    await expect(failure).rejects.toMatchObject({ code: "DATA_DIR_EMPTY" });
  });
});

test("the socket's path is short whatever the runtime folder is called", () => {
  const dataDir = temporaryFolder();
  const path = makeSocketPath(dataDir, { XDG_RUNTIME_DIR: `/tmp/${"long-".repeat(30)}` });
  onTestFinished(() => removeSocketFolder(dataDir));
  expect(Buffer.byteLength(path)).toBeLessThan(104);
  expect(readFileSync(join(dataDir, "socket.path"), "utf8")).toBe(path);
  const again = makeSocketPath(dataDir, {});
  expect(existsSync(dirname(path))).toBe(false);
  expect(existsSync(dirname(again))).toBe(true);
});
