import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HashfallError } from "../../src/model/errors.ts";
import { NO_TRACING, type Tracing, traced } from "../../src/tracing/contract.ts";
import { startTracing } from "../../src/tracing/start.ts";
import { SILENT } from "../store/helpers.ts";
import { type Collector, startCollector, treeOf } from "../support/otlp.ts";
import { servedTime } from "../support/served-time.ts";

const options = { version: "1.2.3", instance: "host-1" };
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;

describe("traces that are on", () => {
  let collector: Collector;
  let tracing: Tracing | undefined;
  const lines: { msg: string; why?: string }[] = [];
  const logger = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const start = async (): Promise<Tracing> => {
    tracing = await startTracing(options, { env: process.env, logger });
    return tracing;
  };

  beforeEach(async () => {
    lines.length = 0;
    collector = await startCollector();
    // What the packages read for themselves is the process's environment.
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "10");
  });
  afterEach(async () => {
    await tracing?.stop();
    vi.unstubAllEnvs();
    await collector.stop();
  });

  it("say who sent them, what caused what, and how it ended", async () => {
    const t = await start();
    const poll = t.span("poll", { attributes: { "hashfall.network": "bitcoin" } });
    expect(poll.traceparent).toMatch(TRACEPARENT);
    const failed = traced(t, "store", { parent: poll.traceparent }, async (span) => {
      span.set({ "hashfall.rows": 3 });
      throw new HashfallError("STORE_FULL", "redis://:password@host said no");
    });
    await expect(failed).rejects.toThrow("said no");
    poll.end();
    await collector.until((spans) => spans.length === 2);
    const [store, root] = ["store", "poll"].map((name) => collector.spans.find((span) => span.name === name)!);
    expect(treeOf(collector.spans, root!.traceId)).toEqual(["poll", "  store"]);
    expect(root!.process).toMatchObject({
      "service.name": "hashfall",
      "service.version": "1.2.3",
      "service.instance.id": "host-1",
    });
    expect(store).toMatchObject({
      attributes: { "hashfall.rows": 3, "error.type": "STORE_FULL" },
      isError: true,
    });
    // The text of an error may hold what nobody else should read.
    expect(JSON.stringify(collector.requests.map(({ body }) => body))).not.toContain("password");
  });

  it("begin anew where what came along is no context, and keep what was decided about sampling", async () => {
    const t = await start();
    const began = t.span("detect", { parent: "00-not-a-context" });
    expect(began.traceparent).toMatch(TRACEPARENT);
    const left = t.span("detect", { parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" });
    expect(left.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
    left.end();
    began.end();
    await t.stop();
    expect(collector.spans).toHaveLength(1);
  });

  it("send what is left when they stop, with the headers that the environment names, which no log shows", async () => {
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "600000");
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer the-secret");
    vi.stubEnv("OTEL_SERVICE_NAME", "hashfall-eu");
    const t = await start();
    t.span("poll").end();
    expect(collector.spans).toEqual([]);
    await t.stop();
    expect(collector.spans.map(({ process }) => process["service.name"])).toEqual(["hashfall-eu"]);
    expect(collector.requests[0]?.headers.authorization).toBe("Bearer the-secret");
    expect(JSON.stringify(lines)).not.toContain("the-secret");
  });

  it("say once that they cannot be sent, and once that they can again", async () => {
    const t = await start();
    collector.answerWith(400);
    for (let i = 1; i <= 3; i++) {
      t.span("poll").end();
      await expect.poll(() => collector.requests.length, { interval: 10 }).toBeGreaterThanOrEqual(i);
      await expect.poll(() => lines.length, { interval: 10 }).toBe(1);
    }
    expect(lines[0]?.msg).toBe("traces cannot be sent");
    collector.answerWith(200);
    t.span("poll").end();
    await expect.poll(() => lines.map(({ msg }) => msg), { interval: 10 }).toContain("traces are sent again");
    expect(lines).toHaveLength(2);
  });

  it("do not hold up the end of a process whose collector is away", async () => {
    await collector.stop();
    const t = await start();
    t.span("poll").end();
    const { ms } = await servedTime(() => t.stop());
    tracing = undefined;
    expect(ms).toBeLessThan(5_000);
  });
});

describe("traces that are off", () => {
  it("do nothing, and name no context", async () => {
    const tracing = await startTracing(options, { env: {}, logger: SILENT });
    expect(tracing).toBe(NO_TRACING);
    const span = tracing.span("poll", { parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
    expect(span.traceparent).toBeUndefined();
    expect(await traced(tracing, "store", {}, async () => 7)).toBe(7);
  });

  it("load nothing of OpenTelemetry, wherever the service is put together; only traces that are on do", () => {
    const hooks = `export async function resolve(specifier, context, next) {
      if (specifier.startsWith("@opentelemetry/")) console.log("loads " + specifier);
      return next(specifier, context);
    }`;
    const entry = pathToFileURL("dist/tracing/start.js").href;
    const script = `
      import { register } from "node:module";
      register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));
      await import(${JSON.stringify(new URL("../app.js", entry).href)});
      const { startTracing } = await import(${JSON.stringify(entry)});
      const start = (env) => startTracing({ version: "1", instance: "1" }, { env, logger: { warn() {} } });
      await start({});
      console.log("now on");
      await (await start({ OTEL_TRACES_EXPORTER: "otlp" })).stop();`;
    const args = ["--input-type=module", "-e", script];
    const ran = spawnSync(process.execPath, args, { encoding: "utf8", env: { PATH: process.env.PATH } });
    expect(ran.stderr).toBe("");
    const [off, on] = ran.stdout.split("now on");
    expect(off).toBe("");
    expect(on).toContain("loads @opentelemetry/sdk-trace-base");
  });
});
