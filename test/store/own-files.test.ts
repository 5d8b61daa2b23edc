/** What somebody else put into a data folder or a cache is not followed, not written through and not run. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DIGEST_FILE } from "../../src/store/embedded/apt-fetch.ts";
import { findServer } from "../../src/store/embedded/find-server.ts";
import { lockFolder, prepareFolder } from "../../src/store/embedded/folder-lock.ts";
import { describeSystem } from "../../src/store/embedded/operating-system.ts";
import { digestOf } from "../../src/store/embedded/own-files.ts";
import { makeSocketPath, recordedSocketPath, removeSocketFolder } from "../../src/store/embedded/runtime-folder.ts";
import { fakeProgram, temporaryFolder } from "./processes.ts";

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("in a data folder", () => {
  test("a lock that is a link is refused, and its target is not made", async () => {
    const folder = temporaryFolder();
    symlinkSync(join(folder, "victim"), join(folder, "lock"));
    prepareFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: "DATA_DIR_UNWRITABLE" });
    expect(existsSync(join(folder, "victim"))).toBe(false);
  });

  test("a socket.path that is a link is replaced, and its target is not written", () => {
    const folder = temporaryFolder();
    const victim = join(folder, "victim");
    writeFileSync(victim, "kept");
    symlinkSync(victim, join(folder, "socket.path"));
    expect(recordedSocketPath(folder)).toBeNull();
    const path = makeSocketPath(folder, {});
    expect([readFileSync(victim, "utf8"), recordedSocketPath(folder)]).toEqual(["kept", path]);
    removeSocketFolder(folder);
    expect(existsSync(join(path, ".."))).toBe(false);
  });

  test("a socket.path that names somebody else's folder costs nobody his files", () => {
    const folder = temporaryFolder();
    const precious = join(folder, "hashfall-precious");
    mkdirSync(precious);
    writeFileSync(join(precious, "file"), "kept");
    writeFileSync(join(folder, "socket.path"), join(precious, "redis.sock"));
    removeSocketFolder(folder);
    expect(readFileSync(join(precious, "file"), "utf8")).toBe("kept");
  });

  test.each([0, 0o777])("modes stand under a umask of %i", async (mask) => {
    const folder = join(temporaryFolder(), "data");
    const before = process.umask(mask);
    try {
      prepareFolder(folder);
      (await lockFolder(folder)).release();
      makeSocketPath(folder, {});
    } finally {
      process.umask(before);
    }
    const files = ["", "redis", "lock", "socket.path"].map((name) => modeOf(join(folder, name)));
    expect(files).toEqual(["700", "700", "600", "600"]);
    removeSocketFolder(folder);
  });
});

describe("a cached redis-server", () => {
  const RAN = "ran";
  function cache() {
    const home = temporaryFolder();
    const folder = join(home, ".cache/hashfall/redis/debian-12-x64");
    const script = `touch ${join(home, RAN)}; echo "Redis server v=7.0.15 sha=00000000:0 malloc=libc bits=64 build=0"`;
    const command = fakeProgram(join(folder, "usr/bin"), "redis-server", script);
    chmodSync(command, 0o755);
    writeFileSync(join(folder, DIGEST_FILE), digestOf(command));
    const system = describeSystem("linux", "x64", 'ID=debian\nVERSION_ID="12"\n');
    // `touch` is needed by the script alone; no server is on this PATH.
    const bin = join(home, "bin");
    fakeProgram(bin, "touch", 'for f in "$@"; do : > "$f"; done');
    const find = () => findServer({ fetchServer: false, env: { PATH: bin, HOME: home }, system, say: () => undefined });
    return { home, folder, command, find, ran: () => existsSync(join(home, RAN)) };
  }

  test("that is ours alone and has the digest of the one that was fetched is run", async () => {
    const { find, command, ran } = cache();
    expect((await find()).command).toBe(command);
    expect(ran()).toBe(true);
  });

  test.each([
    ["may be written by others", (command: string) => chmodSync(command, 0o777), /others may write/],
    [
      "lies in a folder that others may write",
      (command: string) => chmodSync(join(command, "../../../.."), 0o777),
      /others may write/,
    ],
    ["was changed since", (command: string) => writeFileSync(command, "#!/bin/sh\ntrue\n"), /digest is not/],
  ])("that %s is not run, and the error says so", async (_, change, why) => {
    const { find, command, ran } = cache();
    change(command);
    await expect(find()).rejects.toThrow(why);
    expect(ran()).toBe(false);
  });

  test("of which nobody knows the digest is not run", async () => {
    const { find, folder, ran } = cache();
    writeFileSync(join(folder, DIGEST_FILE), "");
    await expect(find()).rejects.toThrow(/digest/);
    expect(ran()).toBe(false);
  });
});
