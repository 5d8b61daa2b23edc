/** The port of a process without the role `serve`: metrics and health only. */
import { createServer } from "node:http";
import type { ServerConfig } from "../config/resolve/resolved.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ReadinessCheck } from "../model/readiness.ts";
import { Authenticator, bearerToken } from "./auth.ts";
import { hostAllowed } from "./origin.ts";
import { bind, unbind, urlOf } from "./server.ts";

export interface MetricsServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Answers `/metrics` (with a token of scope read where tokens are configured), `/healthz` and `/readyz`.
 *
 * @throws `HashfallError` `PORT_TAKEN`, `PORT_FORBIDDEN`, `ADDRESS_UNAVAILABLE`
 */
export async function startMetricsServer(
  options: Pick<ServerConfig, "host" | "port" | "tokens" | "allowedHosts" | "allowedOrigins">,
  deps: { readonly metrics: Metrics; readonly readiness: () => readonly ReadinessCheck[] },
): Promise<MetricsServer> {
  // This server has no writing endpoint, so it does not matter whether the bind is public.
  const auth = new Authenticator(options.tokens, true);

  const answer = async (path: string, token: string | null): Promise<Answer> => {
    switch (path) {
      case "/metrics":
        if (!auth.grant(token, false).read) return text(401, "send Authorization: Bearer TOKEN");
        return { status: 200, type: deps.metrics.contentType, body: await deps.metrics.render() };
      case "/healthz":
        return json(200, { ok: true });
      case "/readyz": {
        const checks = deps.readiness();
        const ready = checks.every(({ ok }) => ok);
        return json(ready ? 200 : 503, { ready, checks });
      }
      default:
        return text(404, "this process does not serve; ask one that has the role serve");
    }
  };
  const server = createServer((request, response) => {
    const give = ({ status, type, body }: Answer): void => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
    };
    // A probe has no body. If one is sent it is not read.
    request.resume();
    if (request.method !== "GET" && request.method !== "HEAD") return give(text(405, "GET only"));
    if (!hostAllowed(request.headers.host, options)) return give(text(403, "name the host in server.allowedHosts"));
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    answer(path, bearerToken(request.headers.authorization)).then(give, () => give(text(500, "failed")));
  });
  const port = await bind(server, options.host, options.port);
  return { url: urlOf(options.host, port), stop: () => unbind(server) };
}

function text(status: number, body: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${body}\n` };
}

function json(status: number, body: unknown): Answer {
  return { status, type: "application/json", body: JSON.stringify(body) };
}
