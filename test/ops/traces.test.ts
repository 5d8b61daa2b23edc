import { mkdtempSync, rmSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import type { Role } from "../../src/runtime/roles.ts";
import { followAlerts } from "../support/alert-tape.ts";
import type { RunningCli } from "../support/cli.ts";
import { type Collector, startCollector, treeOf } from "../support/otlp.ts";
import { startTestRedis } from "../support/redis.ts";
import { SHUTDOWN, socketUrl, startPools, startService, urlOf, warmUp } from "../support/service.ts";

/** A tick in 5 s. */
const SPEED = 60;
const ROLES = ["poll", "detect", "serve"] as const;

/** Lines of the log about one tick, by their messages. */
function toldOf(process: RunningCli, tick: string): string[] {
  const lines = process.output().split("\n");
  const told = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
  return [...new Set(told.filter((line) => line.tick === tick).map(({ msg }) => String(msg)))].sort();
}

async function startRoles(collector: Collector): Promise<Readonly<Record<Role, RunningCli>>> {
  const dir = mkdtempSync("/tmp/hf-traces-");
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const redis = await startTestRedis();
  onTestFinished(() => redis.stop());
  const start = SHUTDOWN - 5 * 60_000;
  const pools = await startPools({ dir, networks: ["bitcoin"], seed: 1, speed: SPEED, start });
  onTestFinished(() => pools.stop());
  await warmUp(pools, redis.client());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "200" };
  const launch = (role: Role): RunningCli => {
    const process = startService({ pools, roles: [role], redisUrl: redis.url, logLevel: "debug", env });
    onTestFinished(() => void process.child.kill("SIGKILL"));
    return process;
  };
  return { poll: launch("poll"), detect: launch("detect"), serve: launch("serve") };
}

it("three processes tell of one tick as one trace, and by its tick id in their logs", async () => {
  const collector = await startCollector();
  onTestFinished(() => collector.stop());
  const processes = await startRoles(collector);
  const tape = followAlerts(socketUrl(await urlOf(processes.serve)));
  onTestFinished(() => tape.stop());
  const isDelivered = (traceId: string | undefined) =>
    collector.spans.some((s) => s.traceId === traceId && s.name === "deliver");
  const heard = await tape.heard(({ traceparent }) => traceparent !== undefined);
  const traceId = heard.traceparent?.split("-")[1] ?? "";
  await expect.poll(() => isDelivered(traceId), { timeout: 30_000, interval: 50 }).toBe(true);
  // The root ends when the tick is handed on, and is sent with the next batch of its own process.
  await expect.poll(() => treeOf(collector.spans, traceId)[0], { timeout: 30_000, interval: 50 }).toBe("poll");
  const tree = treeOf(collector.spans, traceId);
  console.log(tree.join("\n"));
  const asked = tree.filter((line) => line.startsWith("  ask "));
  expect(asked.length).toBeGreaterThan(10);
  expect(new Set(asked).size).toBe(asked.length);
  const rest = tree.filter((line) => !line.startsWith("  ask ") && line.trim() !== "deliver");
  expect(rest).toEqual(["poll", "  enqueue", "    detect", "      commit", "      core", "      read", "  store"]);
  const instances = new Set(
    collector.spans.filter((span) => span.traceId === traceId).map((span) => span.process["service.instance.id"]),
  );
  expect(instances.size).toBe(ROLES.length);

  const tick = heard.at;
  expect(toldOf(processes.poll, tick)).toEqual(expect.arrayContaining(["asked", "polled"]));
  expect(toldOf(processes.detect, tick)).toEqual(expect.arrayContaining(["alert", "decided"]));
  expect(toldOf(processes.serve, tick)).toContain("delivered");
  for (const role of ROLES) expect(await processes[role].stop()).toBe(0);
});
