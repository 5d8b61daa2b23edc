import { describe, expect, it } from "vitest";
import { wantsTraces } from "../../src/tracing/settings.ts";

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };

describe("traces", () => {
  it.each([
    ["nothing is said", {}, false],
    ["an endpoint is named", ENDPOINT, true],
    ["an endpoint for traces is named", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://collector/v1/traces" }, true],
    ["the exporter is asked for", { OTEL_TRACES_EXPORTER: "otlp" }, true],
    ["the exporter is none", { ...ENDPOINT, OTEL_TRACES_EXPORTER: "none" }, false],
    ["the SDK is disabled", { ...ENDPOINT, OTEL_SDK_DISABLED: "TRUE" }, false],
    ["the protocol is the one we speak", { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, true],
    [
      "traces have a protocol of their own",
      {
        ...ENDPOINT,
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
      },
      true,
    ],
    ["variables are there and empty", { OTEL_TRACES_EXPORTER: "", OTEL_EXPORTER_OTLP_ENDPOINT: "" }, false],
  ])("when %s: %j -> %s", (_, env, wanted) => {
    expect(wantsTraces(env)).toBe(wanted);
  });

  it.each([
    [{ OTEL_TRACES_EXPORTER: "zipkin" }, 'OTEL_TRACES_EXPORTER: "zipkin" is not allowed; allowed: otlp or none'],
    [
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      'OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not allowed; allowed: http/json',
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "user:secret@collector:4318" },
      "OTEL_EXPORTER_OTLP_ENDPOINT: allowed is a URL like http://collector:4318",
    ],
  ])("refuse what would silently send nothing: %j", (env, said) => {
    expect(() => wantsTraces(env)).toThrow(expect.objectContaining({ code: "TRACING_INVALID", message: said }));
  });
});
