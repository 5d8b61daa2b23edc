/** A real Prometheus on loopback, scraping one target every second. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const RULES = fileURLToPath(new URL("../../config/prometheus/rules/*.yml", import.meta.url));

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** [time s, value]; a single one for an instant query. */
  readonly values: readonly (readonly [number, number])[];
}

export interface Rule {
  readonly name: string;
  readonly type: "alerting" | "recording";
  readonly health: string;
  readonly lastError?: string;
  /** Of alerting rules: inactive, pending or firing. */
  readonly state?: string;
}

export interface Prometheus {
  readonly url: string;
  range(expr: string, from: number, to: number, step: number): Promise<Series[]>;
  instant(expr: string): Promise<Series[]>;
  labelValues(label: string, match: string): Promise<string[]>;
  rules(): Promise<Rule[]>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts Debian's `prometheus` with the rules of config/prometheus. @param target `host:port` of hashfall */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const dir = mkdtempSync("/tmp/hf-prom-");
  const port = await freePort();
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [RULES],
    scrape_configs: [{ job_name: "hashfall", static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(dir, "prometheus.yml"), JSON.stringify(config));
  const child = spawn(
    "prometheus",
    [
      ...[`--config.file=${join(dir, "prometheus.yml")}`, `--storage.tsdb.path=${join(dir, "data")}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, "--log.level=warn"],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = `http://127.0.0.1:${port}`;

  async function ask<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== "success") throw new Error(`${JSON.stringify(parameters)}: ${answer.error}`);
    return answer.data;
  }
  type Point = readonly [number, string];
  interface Result {
    readonly result: readonly { metric: Record<string, string>; value?: Point; values?: readonly Point[] }[];
  }
  const series = ({ result }: Result): Series[] =>
    result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      metric,
      values: values.map(([at, text]) => [at, Number(text)] as const),
    }));

  const prometheus: Prometheus = {
    url,
    range: async (query, from, to, step) =>
      series(await ask<Result>("query_range", { query, start: `${from}`, end: `${to}`, step: `${step}` })),
    instant: async (query) => series(await ask<Result>("query", { query })),
    labelValues: (label, match) => ask<string[]>(`label/${label}/values`, { "match[]": match }),
    async rules() {
      const { groups } = await ask<{ groups: readonly { rules: readonly Rule[] }[] }>("rules", {});
      return groups.flatMap((group) => group.rules);
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
  for (const until = Date.now() + 30_000; ; await delay(100)) {
    const ready = await fetch(`${url}/-/ready`).catch(() => null);
    if (ready?.ok) return prometheus;
    if (child.exitCode !== null || Date.now() > until) {
      await prometheus.stop();
      throw new Error(`Prometheus did not become ready:\n${said}`);
    }
  }
}
