/** Whether traces are wanted: by OpenTelemetry's own environment variables, so that what is known of other services holds. */
import { HashfallError } from "../model/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const EXPORTER = "OTEL_TRACES_EXPORTER";
const ENDPOINTS = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"] as const;
const PROTOCOLS = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"] as const;
const PROTOCOL = "http/json";

/**
 * On when an endpoint is named or the exporter `otlp` is asked for; off otherwise, which differs from OpenTelemetry's own
 * default: who monitors pools should not find a service that talks to port 4318 by itself.
 *
 * @throws `HashfallError` `TRACING_INVALID` for what would silently send nothing
 */
export function wantsTraces(env: Environment): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return false;
  const exporter = env[EXPORTER] || undefined;
  if (exporter === "none") return false;
  const endpoint = ENDPOINTS.find((name) => env[name]);
  if (exporter === undefined && endpoint === undefined) return false;
  if (exporter !== undefined && exporter !== "otlp") throw refused(EXPORTER, exporter, "otlp or none");
  // The more special one wins, as everywhere in OpenTelemetry.
  const protocol = PROTOCOLS.find((name) => env[name]);
  if (protocol !== undefined && env[protocol] !== PROTOCOL) throw refused(protocol, env[protocol], PROTOCOL);
  if (endpoint !== undefined && !isHttp(env[endpoint] ?? ""))
    // It may hold a password, so it is not repeated.
    throw new HashfallError("TRACING_INVALID", `${endpoint}: allowed is a URL like http://collector:4318`);
  return true;
}

function refused(name: string, value: string | undefined, allowed: string): HashfallError {
  return new HashfallError("TRACING_INVALID", `${name}: "${value}" is not allowed; allowed: ${allowed}`);
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
