/** Starts tracing when the environment asks for it; only then are OpenTelemetry's packages loaded. */
import type { Logger } from "pino";
import { NO_TRACING, type Tracing, type TracingOptions } from "./contract.ts";
import { type Environment, wantsTraces } from "./settings.ts";

/** @throws `HashfallError` `TRACING_INVALID` */
export async function startTracing(
  options: TracingOptions,
  deps: { readonly env: Environment; readonly logger: Logger },
): Promise<Tracing> {
  if (!wantsTraces(deps.env)) return NO_TRACING;
  const { makeOtelTracing } = await import("./otel.ts");
  return makeOtelTracing(options, deps);
}
