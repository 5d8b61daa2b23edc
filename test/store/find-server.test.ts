import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findServer } from "../../src/store/embedded/find-server.ts";
import { describeSystem, waysToRedis } from "../../src/store/embedded/operating-system.ts";
import { startFailure, tellingLines } from "../../src/store/embedded/start-failure.ts";
import { fakeProgram, temporaryFolder } from "./processes.ts";

const DEBIAN = describeSystem("linux", "x64", 'ID=debian\nVERSION_ID="12"\n');
const redis = (version: string) => `echo "Redis server v=${version} sha=00000000:0 malloc=libc bits=64 build=0"`;

interface Machine {
  /** Programs on PATH: name and script. */
  readonly path?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly serverBin?: string;
  readonly fetchServer?: boolean;
}

/** Looks for a server on a machine that has only what is said. */
async function find(folder: string, machine: Machine) {
  const bin = join(folder, "bin");
  for (const [name, script] of Object.entries(machine.path ?? {})) fakeProgram(bin, name, script);
  const said: string[] = [];
  const named = machine.serverBin === undefined ? {} : { serverBin: machine.serverBin };
  const env = { PATH: bin, HOME: folder, ...machine.env };
  const fetchServer = machine.fetchServer ?? true;
  const options = { ...named, fetchServer, env, system: DEBIAN, say: (line: string) => void said.push(line) };
  return { found: await findServer(options), said };
}

describe("a server is looked for", () => {
  test("where the configuration, then REDIS_SERVER_BIN says", async () => {
    const folder = temporaryFolder();
    const one = fakeProgram(folder, "one", redis("7.2.1"));
    const two = fakeProgram(folder, "two", redis("7.2.2"));
    const path = { "redis-server": redis("7.0.15") };
    const env = { REDIS_SERVER_BIN: two };
    expect((await find(folder, { path, env, serverBin: one })).found).toMatchObject({
      command: one,
      version: "Redis 7.2.1",
    });
    expect((await find(folder, { path, env })).found.command).toBe(two);
  });

  test.each([
    ["is not there", "/nowhere/redis-server", ""],
    ["is something else", undefined, "echo hello"],
    ["is too old", undefined, redis("6.0.16")],
  ])("and one that was named and %s is refused, not passed over", async (_, path, script) => {
    const folder = temporaryFolder();
    const named = path ?? fakeProgram(folder, "named", script);
    const search = find(folder, { path: { "redis-server": redis("7.0.15") }, env: { REDIS_SERVER_BIN: named } });
    await expect(search).rejects.toMatchObject({ code: "REDIS_SERVER_BIN_INVALID", kind: "mistake" });
  });

  test("on PATH, valkey-server first, one that is too old passed over", async () => {
    const valkey = 'echo "Valkey server v=8.0.1 sha=00000000:0 malloc=libc bits=64 build=0"';
    const both = await find(temporaryFolder(), { path: { "valkey-server": valkey, "redis-server": redis("7.0.15") } });
    expect(both.found.version).toBe("Valkey 8.0.1");
    const old = await find(temporaryFolder(), { path: { "valkey-server": "exit 1", "redis-server": redis("6.2.0") } });
    expect(old.found.version).toBe("Redis 6.2.0");
  });

  test("in vain: says why, and the commands for this system", async () => {
    const search = find(temporaryFolder(), { path: { "redis-server": redis("5.0.7") }, fetchServer: false });
    await expect(search).rejects.toMatchObject({ code: "REDIS_NOT_FOUND", kind: "mistake" });
    await expect(search).rejects.toThrow(/Redis 5\.0\.7.*6\.2\.0.*apt-get install redis-server.*REDIS_URL=/);
  });
});

describe("fetching from the package archive", () => {
  /** Stand-ins for apt-get, which has no package lists of its own at first, and dpkg-deb. */
  const aptGet = (log: string, lists: "" | "empty" | "broken") => `
echo "$*" >> ${log}
for a in "$@"; do case $a in Dir::Cache=*) d=\${a#Dir::Cache=};; esac; done
case "${lists} $*" in
  broken*) echo "E: Could not resolve the archive" >&2; exit 100;;
  *update*) exit 0;;
  empty*Dir::State::Lists=*) ;;
  empty*) exit 0;;
esac
: > $d/archives/redis-server_7_amd64.deb
: > $d/archives/redis-tools_7_amd64.deb`;
  const dpkgDeb = `/bin/mkdir -p $3/usr/bin $3/usr/lib/x86_64-linux-gnu
/usr/bin/printf '#!/bin/sh\\n${redis("7.0.15").replaceAll('"', '\\"')}\\n' > $3/usr/bin/redis-server
/bin/chmod 755 $3/usr/bin/redis-server`;

  test.each([
    ["" as const, 1],
    ["empty" as const, 3],
  ])("works with lists %j, is said, and is done once", async (lists, calls) => {
    const folder = temporaryFolder();
    const log = join(folder, "apt.log");
    const machine = { path: { "apt-get": aptGet(log, lists), "dpkg-deb": dpkgDeb } };
    const first = await find(folder, machine);
    const cached = join(folder, ".cache/hashfall/redis/debian-12-x64");
    expect(first.found).toMatchObject({ command: join(cached, "usr/bin/redis-server"), version: "Redis 7.0.15" });
    expect(first.found.env.LD_LIBRARY_PATH).toContain(join(cached, "usr/lib/x86_64-linux-gnu"));
    expect(first.said.join("\n")).toMatch(/package archive.*no root/);
    expect(readFileSync(log, "utf8").trim().split("\n")).toHaveLength(calls);
    const second = await find(folder, machine);
    expect([second.found, second.said]).toEqual([first.found, []]);
    expect(readFileSync(log, "utf8").trim().split("\n")).toHaveLength(calls);
  });

  test("that fails says why, and leaves nothing in the cache", async () => {
    const folder = temporaryFolder();
    const path = { "apt-get": aptGet(join(folder, "apt.log"), "broken"), "dpkg-deb": dpkgDeb };
    await expect(find(folder, { path })).rejects.toThrow(/Could not resolve the archive.*apt-get install/);
    expect(existsSync(join(folder, ".cache/hashfall/redis/debian-12-x64"))).toBe(false);
  });

  test("is left alone when it is switched off", async () => {
    const folder = temporaryFolder();
    const log = join(folder, "apt.log");
    const path = { "apt-get": aptGet(log, ""), "dpkg-deb": dpkgDeb };
    await expect(find(folder, { path, fetchServer: false })).rejects.toMatchObject({ code: "REDIS_NOT_FOUND" });
    expect(existsSync(log)).toBe(false);
  });
});

test.each([
  ["linux", "ID=ubuntu\nID_LIKE=debian\n", "apt-get"],
  ["linux", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf"],
  ["linux", "ID=alpine\n", "apk"],
  ["darwin", "", "brew"],
  ["linux", "ID=unheard-of\n", "REDIS_URL="],
])("the ways to a Redis on %s %j name %s", (platform, osRelease, command) => {
  expect(waysToRedis(describeSystem(platform, "arm64", osRelease))).toContain(command);
});

describe("a server's last words", () => {
  const lines = [
    "7:C 21 Nov 2026 07:00:00.000 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
    "7:M 21 Nov 2026 07:00:00.001 * Reading RDB base file on AOF loading...",
    "7:M 21 Nov 2026 07:00:00.002 # Can't handle RDB format version 99",
    "7:M 21 Nov 2026 07:00:00.003 # Fatal error loading the DB, check server logs. Exiting.",
  ];
  test("are told without times and numbers", () => {
    expect(tellingLines(lines)).toContain("Can't handle RDB format version 99 | Fatal error loading");
    expect(tellingLines(["sh: 1: redis-server: not found"])).toBe("sh: 1: redis-server: not found");
    expect(tellingLines([])).toBe("");
  });
  test("make a temporary error, unless the data is damaged", () => {
    expect(startFailure(lines, "/d")).toMatchObject({ code: "REDIS_START_FAILED", kind: "temporary" });
    const damaged = "7:M 21 Nov 2026 07:00:00.002 # Bad file format reading the append only file x.aof: make a backup";
    expect(startFailure([damaged], "/d")).toMatchObject({ code: "REDIS_AOF_DAMAGED", kind: "mistake" });
  });
});
