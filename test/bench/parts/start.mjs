/** From the start of the process to /healthz, resident memory, and what importing each dependency costs. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { built, finish } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { measured } from "../statistics.mjs";

const ROUNDS = 5;
const MAIN = fileURLToPath(built("main.js"));
const BARE = fileURLToPath(new URL("../http-bare.mjs", import.meta.url));
const PACKAGE = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "hashfall-bench-start-"));

/** Resident memory of a process and its children, MB. */
function memoryOf(pid) {
  const kilobytes = (file) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(file, "utf8"))?.[1] ?? 0);
  const children = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return new RegExp(`^PPid:\\s+${pid}$`, "m").test(readFileSync(`/proc/${name}/status`, "utf8"));
    } catch {
      return false;
    }
  });
  return [String(pid), ...children].reduce((sum, name) => sum + kilobytes(`/proc/${name}/status`), 0) / 1024;
}

/** Starts a program that listens, waits for its /healthz, and lets it come to rest. */
async function start(args, port) {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  let isUp = false;
  while (!isUp) {
    isUp = (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null))?.ok === true;
    if (child.exitCode !== null) throw new Error(`${args.join(" ")} ended with status ${child.exitCode}`);
    if (!isUp) await delay(5);
  }
  const ms = performance.now() - began;
  await delay(1500);
  const megabytes = memoryOf(child.pid);
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await ended;
  return { ms, megabytes };
}

function configOf(round, port) {
  const file = join(folder, `hashfall-${round}.json`);
  const network = {
    interval: "1h",
    pools: { one: { regions: { KZ: 0.5 } } },
    sources: { one: { type: "mempool", url: "http://127.0.0.1:9", pools: { one: "one" } } },
  };
  writeFileSync(
    file,
    JSON.stringify({
      dataDir: join(folder, `data-${round}`),
      server: { port },
      networks: { bench: network },
    }),
  );
  return file;
}

/** Milliseconds to import a module in a fresh process. */
function importTime(name) {
  const code = `const t = performance.now(); await import(${JSON.stringify(name)}); console.log(performance.now() - t);`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
  });
  return Number(stdout);
}

const [ours, bare] = [[], []];
for (let round = 0; round < ROUNDS; round++) {
  const port = 20_000 + ((process.pid * 10 + round) % 20_000);
  ours.push(await start([MAIN, "start", "--config", configOf(round, port)], port));
  bare.push(await start([BARE, String(port), join(folder, `bare-${round}`)], port));
}
rmSync(folder, { recursive: true, force: true });
const of = (found, name) => measured(found.map((one) => one[name]));
const rival = "bare HTTP server, ioredis and redis-server";
const times = (name) => measured(Array.from({ length: 3 }, () => importTime(name)));
const figures = [
  figure("start to /healthz, all roles, embedded Redis", "ms", {
    ...{ ours: of(ours, "ms"), rival, theirs: of(bare, "ms") },
    limit: "imports, then Redis",
  }),
  figure("memory at rest, with Redis", "MB", {
    ...{ ours: of(ours, "megabytes"), rival, theirs: of(bare, "megabytes") },
    limit: "what is imported, and the detector's thread",
  }),
];
for (const name of Object.keys(PACKAGE.dependencies))
  figures.push(figure(`import ${name}`, "ms", { ours: times(name) }));
const byCost = (x, y) => y.ours.median - x.ours.median;
finish([...figures.slice(0, 2), ...figures.slice(2).sort(byCost).slice(0, 8)]);
