/** Every HTTP route, in the order in which a request meets what guards it. */
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { routePath } from "hono/route";
import type { Logger } from "pino";
import type { Metrics } from "../../metrics/metrics.ts";
import { messageOf } from "../../model/errors.ts";
import type { Readiness } from "../../model/readiness.ts";
import type { AlertStore, ViewStore } from "../../store/contract.ts";
import type { Authenticator } from "../auth.ts";
import { hostAllowed, type OriginRules, originAllowed } from "../origin.ts";
import { alertSchema } from "./alert-schema.ts";
import { type Api, authenticate, makeApi } from "./api.ts";
import { asyncApi } from "./asyncapi.ts";
import { serveDocument } from "./documents.ts";
import type { Page } from "./page.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import { type AlertRouteDeps, alertRoutes } from "./routes/alerts.ts";
import { historyRoutes } from "./routes/history.ts";
import { type NetworkRouteDeps, networkRoutes } from "./routes/networks.ts";
import { type OperationRouteDeps, operationRoutes } from "./routes/operations.ts";
import { serveRunbooks } from "./routes/runbooks.ts";
import { MAX_PUSH_BYTES, PUSH_PATH, type SampleRouteDeps, sampleRoutes } from "./routes/samples.ts";
import { weightRoutes } from "./routes/weights.ts";

export interface HttpDeps extends NetworkRouteDeps, AlertRouteDeps, OperationRouteDeps, SampleRouteDeps {
  readonly viewStore: ViewStore;
  readonly alerts: AlertStore;
  readonly auth: Authenticator;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly page: Page;
}

const MAX_BODY_BYTES = 65_536;
const READS = new Set(["GET", "HEAD", "OPTIONS"]);
const PROBES = new Set(["/healthz", "/readyz"]);
/** Below this many bytes an answer is no smaller compressed. */
const SMALLEST_COMPRESSED = 1024;

/** @param version of hashfall, for the documents */
export function makeHttpApp(options: OriginRules & { version: string }, deps: HttpDeps): Api {
  const app = makeApi();
  const { auth, metrics } = deps;
  app.use(async (c, next) => {
    await next();
    c.res.headers.set("x-content-type-options", "nosniff");
    c.res.headers.set("referrer-policy", "no-referrer");
    metrics.http.requests.inc({ route: routePath(c), status: `${Math.floor(c.res.status / 100)}xx` });
  });
  app.use(async (c, next) => {
    const host = c.req.header("host");
    const { method, path } = c.req;
    // A balancer that asks how we are names no host.
    const isProbe = (host ?? "") === "" && PROBES.has(path);
    if (!isProbe && !hostAllowed(host, options))
      throw new ProblemError("host-not-allowed", "name it in server.allowedHosts, or use an address");
    if (!READS.has(method) && !originAllowed(c.req.header("origin"), host, options))
      throw new ProblemError("origin-not-allowed", "name it in server.allowedOrigins");
    await next();
  });
  app.use(compress({ threshold: SMALLEST_COMPRESSED }));
  app.use(
    "/api/v1/*",
    cors({
      origin: [...options.allowedOrigins],
      allowMethods: ["GET", "HEAD", "POST", "DELETE"],
      allowHeaders: ["authorization", "content-type", "if-none-match"],
      exposeHeaders: ["etag", "retry-after"],
      maxAge: 600,
    }),
  );
  app.use(async (c, next) => {
    const isPush = c.req.path === `/api/v1${PUSH_PATH}`;
    // The length is judged before a byte is read, so nobody makes us hold more.
    if (c.req.header("transfer-encoding") !== undefined) throw new ProblemError("length-required");
    const most = isPush ? MAX_PUSH_BYTES : MAX_BODY_BYTES;
    const length = Number(c.req.header("content-length") ?? 0);
    if (length > most) throw new ProblemError("too-large", `at most ${most} bytes`);
    await next();
  });

  app.get("/healthz", (c) => c.json({ ok: true }));
  app.get("/readyz", (c) => {
    const checks = deps.readiness();
    const ready = checks.every((check) => check.ok);
    return c.json({ ready, checks }, ready ? 200 : 503, { "cache-control": "no-store" });
  });
  app.use("/metrics", authenticate(auth));
  app.get("/metrics", async (c) => c.body(await metrics.render(), 200, { "content-type": metrics.contentType }));

  serveRunbooks(app);
  serveDocument(app, "/alert.schema.json", "application/schema+json", alertSchema);
  serveDocument(app, "/asyncapi.json", "application/json", () => asyncApi(options.version));
  // A plain GET is told what to do; the upgrade itself never comes here.
  app.get("/ws", () => problemResponse("upgrade-required", "open a WebSocket here: GET with Upgrade: websocket"));

  // Before the tokens: here the signature is the authority.
  app.route("/api/v1", sampleRoutes(deps));
  app.use("/api/v1/*", authenticate(auth));
  for (const routes of [
    networkRoutes(deps),
    alertRoutes(deps),
    weightRoutes(deps),
    historyRoutes({ ...deps, views: deps.viewStore }),
  ])
    app.route("/api/v1", routes);
  app.route("/api/v1", operationRoutes(deps));
  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  app.openAPIRegistry.registerComponent("securitySchemes", "signature", {
    type: "apiKey",
    in: "header",
    name: "webhook-signature",
    description: "Standard Webhooks: v1, symmetric, over webhook-id, webhook-timestamp and the body",
  });
  serveDocument(app, "/openapi.json", "application/json", () =>
    app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "hashfall", version: options.version, description: "Mining-pool hash-rate anomalies by region." },
      security: [{}, { token: [] }],
    }),
  );

  app.get("*", async (c) => {
    const { page } = deps;
    const found = await page.answer(
      c.req.path,
      c.req.header("accept-encoding") ?? "",
      c.req.header("if-none-match") ?? "",
    );
    if (found) return found;
    if (c.req.path === "/") throw new ProblemError("not-found", "the page is not built: npm run build");
    throw new ProblemError("not-found", `nothing at ${c.req.path}`);
  });
  app.notFound((c) => problemResponse("not-found", `nothing at ${c.req.method} ${c.req.path}`));
  app.onError((error, c) => {
    if (error instanceof ProblemError)
      return problemResponse(error.code, error.message === "" ? undefined : error.message);
    // Hono's own refusals (a body that is no JSON) carry a status.
    const status = (error as { status?: unknown }).status;
    if (status === 400) return problemResponse("bad-request", messageOf(error));
    deps.logger.error({ why: messageOf(error), route: c.req.path }, "a request failed");
    return problemResponse("internal");
  });
  return app;
}
