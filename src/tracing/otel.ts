/**
 * Spans by OpenTelemetry's SDK, sent as OTLP over HTTP. Endpoint, headers, time-out, sampler and batch size are read by the
 * packages themselves from the process's OTEL_* variables. Nothing is registered globally. Loaded by `start.ts` alone.
 */
import { ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Logger } from "pino";
import { HashfallError, messageOf } from "../model/errors.ts";
import { stopWithin } from "../runtime/stop-within.ts";
import type { Span, SpanOptions, Tracing, TracingOptions } from "./contract.ts";

/** A collector that hangs must not hold up a process that ends. */
const STOP_WITHIN_MS = 1_500;
/** Of an export's result: the packages export the enumeration from where only they should import it. */
const EXPORTED = 0;

const KINDS = { client: SpanKind.CLIENT, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;

export function makeOtelTracing({ version, instance }: TracingOptions, { logger }: { logger: Logger }): Tracing {
  const own = { "service.name": "hashfall", "service.version": version, "service.instance.id": instance };
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES stand above ours.
  const resource = resourceFromAttributes(own).merge(detectResources({ detectors: [envDetector] }));
  const exporter = sayingFailures(new OTLPTraceExporter(), logger);
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer("hashfall", version);
  return {
    span(name, options: SpanOptions = {}): Span {
      const { parent, kind, attributes = {}, startedAt } = options;
      const cause = parent === undefined ? null : readTraceparent(parent);
      const span = tracer.startSpan(
        name,
        {
          kind: kind === undefined ? SpanKind.INTERNAL : KINDS[kind],
          attributes: { ...attributes },
          ...(startedAt === undefined ? {} : { startTime: startedAt }),
        },
        cause === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, cause),
      );
      return {
        traceparent: writeTraceparent(span.spanContext()),
        set: (more) => void span.setAttributes({ ...more }),
        end(error) {
          if (error !== undefined) {
            span.setAttribute("error.type", kindOf(error));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },
    async stop() {
      if (!(await stopWithin(() => provider.shutdown().catch(() => undefined), STOP_WITHIN_MS)))
        logger.warn("the collector of traces does not answer; the last spans are lost");
    },
  };
}

/** Null for what is none: it came from a store that others may write to. */
function readTraceparent(text: string): SpanContext | null {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** Not its text: what an upstream or Redis says may hold an address or a credential. */
function kindOf(error: unknown): string {
  if (error instanceof HashfallError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

/** Said once when it begins to fail, and once when it works again: spans are sent every few seconds. */
function sayingFailures(exporter: SpanExporter, logger: Logger): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== EXPORTED;
        if (failed && !failing) logger.warn({ why: messageOf(result.error) }, "traces cannot be sent");
        if (!failed && failing) logger.info("traces are sent again");
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush === undefined ? {} : { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}
