import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { alertEvent, startTestGateway, type TestGateway } from "../deliver/support.ts";
import { startCli } from "../support/cli.ts";

const ROOT = join(import.meta.dirname, "../..");
const EXAMPLES = join(import.meta.dirname, "examples");
/** The first Python here that has websockets; the system's package serves the system's own Python alone. */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import websockets"]).status === 0,
);

let t: TestGateway;
let folder: string;
const running: ChildProcess[] = [];

/** A trader's folder with hashfall installed from here. */
function traderFolder(): string {
  const dir = mkdtempSync("/tmp/hf-trader-");
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(ROOT, join(dir, "node_modules/hashfall"));
  symlinkSync(join(ROOT, "node_modules/@types"), join(dir, "node_modules/@types"));
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  copyFileSync(join(EXAMPLES, "trader.ts"), join(dir, "trader.ts"));
  const flags = ["--strict", "--module", "nodenext", "--target", "es2023", "--types", "node", "--skipLibCheck"];
  const built = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...flags, "trader.ts"], {
    cwd: dir,
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  return dir;
}

beforeAll(async () => {
  t = await startTestGateway();
  folder = traderFolder();
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});
afterAll(async () => {
  await t.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Lines of a program that follows the gateway. */
function follow(command: string, args: string[], env: Record<string, string>): AsyncIterator<string> {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}

async function check(start: (env: Record<string, string>) => AsyncIterator<string>, id: string): Promise<void> {
  const first = await t.another();
  await t.publisher.publish([alertEvent({ id, revision: 1 })]);
  const lines = start({ HASHFALL_URL: first.wsUrl });
  const nextOf = async (): Promise<string> => {
    for (;;) {
      const { value } = (await lines.next()) as { value: string };
      if (value.includes(id)) return value;
    }
  };
  expect(await nextOf()).toMatch(new RegExp(`^opened ${id} r1\\b.*KZ critical`));
  await t.publisher.publish([alertEvent({ id, revision: 2 })]);
  expect(await nextOf()).toContain("r2");
  await first.stop();
  await t.publisher.publish([alertEvent({ id, revision: 3 })]);
  const cursor = await t.stores.alertLog.tail();
  const second = await t.another({ port: Number(new URL(first.url).port) });
  expect(await nextOf(), "what happened while the server was away").toContain("r3");
  await t.publisher.publish([alertEvent({ id, revision: 4 })]);
  expect(await nextOf()).toContain("r4");
  const later = start({ HASHFALL_URL: second.wsUrl, HASHFALL_SINCE: cursor });
  expect((await later.next()).value).toContain("r4");
  await second.stop();
}

describe("the examples for trading programs", () => {
  it("stand in config/docs/trading.md as they are, and are about twenty lines long", () => {
    const page = readFileSync(join(ROOT, "config/docs/trading.md"), "utf8");
    for (const [name, language] of [
      ["trader.ts", "ts"],
      ["trader.py", "python"],
    ] as const) {
      const text = readFileSync(join(EXAMPLES, name), "utf8");
      expect(page, name).toContain(`\`\`\`${language}\n${text}\`\`\``);
      expect(text.split("\n").filter((line) => line !== "").length, name).toBeLessThanOrEqual(24);
    }
  });

  it("in TypeScript: what is open, then all that happens, over an absence of the server, then on from a cursor", async () => {
    await check((env) => follow(process.execPath, ["trader.js"], env), "ts");
  });

  it("in Python: the same", async ({ skip }) => {
    skip(python === undefined && process.env.CI !== "true", "python3 has no websockets here");
    await check((env) => follow(python ?? "python3", [join(EXAMPLES, "trader.py")], env), "py");
  });
});

describe("hashfall watch", () => {
  it("prints one line an event, or one JSON object, and goes on where it was", async () => {
    await t.publisher.publish([alertEvent({ id: "w", revision: 1, region: "RU" })]);
    const human = startCli(["watch", "--url", t.url, "--region", "RU"]);
    await human.says(/opened critical RU: down 71 %/);
    expect(await human.stop("SIGINT")).toBe(0);
    const [, cursor = ""] = await human.says(/--since (\S+)/);
    await t.publisher.publish([alertEvent({ id: "w", revision: 2, region: "RU" })]);
    const json = startCli(["watch", "--url", t.wsUrl, "--region", "RU", "--json", "--since", cursor]);
    const [line] = await json.says(/^\{.*\}$/m);
    expect(JSON.parse(line ?? "")).toMatchObject({ id: "w", revision: 2, cursor: await t.stores.alertLog.tail() });
    expect(await json.stop("SIGTERM")).toBe(0);
  });

  it("says what is wrong with an option, or with a token, and leaves with 1", async () => {
    const region = startCli(["watch", "--region", "k!"]);
    expect(await region.ended).toBe(1);
    expect(region.output()).toContain('"K!" is no region like KZ or US-TX');
    const guarded = await t.another({ tokens: [{ name: "a", token: "b", scopes: ["read"] }] });
    const refused = startCli(["watch", "--url", guarded.url]);
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/refused: a token is needed/);
    await guarded.stop();
  });
});
