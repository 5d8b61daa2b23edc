/**
 * A real Prometheus that holds a fleet's figures and evaluates a robust band of every pool, as recording rules do: the median
 * of a day, the median deviation from it, and who is outside. The rival of the core at an easier job: no region, no onset.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const DAY = "[1d]";
const RULES = [
  `quantile_over_time(0.5, hashrate${DAY})`,
  `quantile_over_time(0.5, deviation${DAY})`,
  `count(hashrate < quantile_over_time(0.5, hashrate${DAY}) - 4 * 1.4826 * quantile_over_time(0.5, deviation${DAY}))`,
];

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The figures as OpenMetrics, each with its deviation from the pool's mean, which a recording rule would have kept. */
function openMetrics(ticks) {
  const pools = ticks[0].rows.map(({ pool }) => pool);
  const mean = pools.map((_, p) => ticks.reduce((sum, { rows }) => sum + rows[p].hashrate, 0) / ticks.length);
  const lines = [];
  for (const name of ["hashrate", "deviation"]) {
    lines.push(`# TYPE ${name} gauge`);
    for (const [p, pool] of pools.entries()) {
      for (const { at, rows } of ticks) {
        const { hashrate } = rows[p];
        const value = name === "hashrate" ? hashrate : Math.abs(hashrate - mean[p]);
        lines.push(`${name}{pool="${pool}"} ${value} ${at / 1000}`);
      }
    }
  }
  return `${lines.join("\n")}\n# EOF\n`;
}

/**
 * Milliseconds that Prometheus itself takes for one evaluation of the rules, `count` times; null where it is not installed.
 * @param ticks of a day or more, in the form of `world.mjs`
 */
export async function startBands(ticks, count) {
  if (spawnSync("promtool", ["--version"]).error !== undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), "hashfall-bench-prom-"));
  const file = join(folder, "figures.txt");
  const data = join(folder, "data");
  writeFileSync(file, openMetrics(ticks));
  spawnSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", file, data], { stdio: "ignore" });
  writeFileSync(join(folder, "prometheus.yml"), "global: {}\n");
  const port = await freePort();
  const child = spawn(
    "prometheus",
    [
      ...[`--config.file=${join(folder, "prometheus.yml")}`, `--storage.tsdb.path=${data}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, "--storage.tsdb.retention.time=100y"],
    ],
    { stdio: "ignore" },
  );
  const url = `http://127.0.0.1:${port}`;
  try {
    for (let tries = 0; !(await fetch(`${url}/-/ready`).catch(() => null))?.ok; tries++) {
      if (tries > 600 || child.exitCode !== null) throw new Error("Prometheus did not become ready");
      await delay(50);
    }
    const times = [];
    const newest = ticks.at(-1).at / 1000;
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (const query of RULES) {
        const asked = new URLSearchParams({ query, time: `${newest - 300 * (count - k)}`, stats: "all" });
        const { data } = await (await fetch(`${url}/api/v1/query?${asked}`)).json();
        sum += 1000 * data.stats.timings.evalTotalTime;
      }
      times.push(sum);
    }
    return times;
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}
