/** `hashfall replay` of a file that grows, beside `jq -c .` over the same file: wall time, and memory that must not grow. */
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { built, finish } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { modelOf, seededRandom, ticks } from "../world.mjs";

/** BENCH_DAYS=365 replays a year. */
const DAYS = Number(process.env.BENCH_DAYS ?? 30);
const TICKS_A_DAY = 288;
const [POOLS, REGIONS] = [16, 13];
const MAIN = fileURLToPath(built("main.js"));
const hasJq = spawnSync("jq", ["--version"]).error === undefined;

const folder = mkdtempSync(join(tmpdir(), "hashfall-bench-replay-"));
const config = join(folder, "hashfall.json");
const uniform = seededRandom(3);
const model = modelOf(POOLS, REGIONS, uniform);
writeFileSync(
  config,
  JSON.stringify({
    networks: {
      bench: {
        interval: "5m",
        pools: Object.fromEntries(
          model.pools.map(({ id, windowSeconds, regions }) => [
            id,
            {
              window: `${windowSeconds}s`,
              regions: Object.fromEntries(regions.map(({ weight }, r) => [`X${String.fromCharCode(65 + r)}`, weight])),
            },
          ]),
        ),
      },
    },
  }),
);

async function writeDays(file, days) {
  const out = createWriteStream(file);
  for (const { at, rows } of ticks(model, days * TICKS_A_DAY, Number.POSITIVE_INFINITY, uniform)) {
    const text = rows
      .map(({ pool, hashrate }) => JSON.stringify({ at: new Date(at).toISOString(), pool, hashrate }))
      .join("\n");
    if (!out.write(`${text}\n`)) await new Promise((resolve) => out.once("drain", resolve));
  }
  await new Promise((resolve) => out.end(resolve));
}

/** Wall time, s, and most resident memory, MB. */
async function run(command, args) {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  let peak = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has just ended.
    }
  }, 50);
  const status = await new Promise((resolve) => child.once("close", resolve));
  clearInterval(watch);
  if (status !== 0) throw new Error(`${command} ended with status ${status}: ${said.slice(0, 500)}`);
  return { seconds: (performance.now() - began) / 1000, megabytes: peak / 1024 };
}

const replay = (file) => run(process.execPath, [MAIN, "replay", "--config", config, "--input", file, "--output", "-"]);
const [half, whole] = [join(folder, "half.ndjson"), join(folder, "whole.ndjson")];
await writeDays(half, DAYS / 2);
await writeDays(whole, DAYS);
const [first, jq, second] = [
  await replay(half),
  hasJq ? await run("jq", ["-c", ".", whole]) : null,
  await replay(whole),
];
rmSync(folder, { recursive: true, force: true });
finish([
  figure(`${POOLS} x ${REGIONS}: a file`, "s", {
    ...{ ours: second.seconds, rival: "jq -c .", theirs: jq?.seconds ?? null, mark: 3 },
    limit: `the core; ${DAYS} days`,
  }),
  figure(`${POOLS} x ${REGIONS}: twice the days`, "s", {
    ...{ ours: second.seconds, rival: "half of them", theirs: first.seconds, mark: 2.2 },
    limit: "the core",
  }),
  figure(`${POOLS} x ${REGIONS}: most memory`, "MB", {
    ...{ ours: second.megabytes, rival: "half of the days", theirs: first.megabytes, mark: 1.2 },
    limit: "nothing is kept of the file",
  }),
]);
