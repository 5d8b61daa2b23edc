/** One HTTP server for people, programs and scrapers: page, REST, metrics and the WebSocket. */
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { HashfallError } from "../model/errors.ts";
import { NO_TRACING } from "../tracing/contract.ts";
import { AlertFeed } from "./alert-feed.ts";
import { Authenticator } from "./auth.ts";
import type { Gateway, GatewayDeps, GatewayOptions } from "./contract.ts";
import { traceDeliveries } from "./delivery-trace.ts";
import { makeHttpApp } from "./http/app.ts";
import { builtDir, Page } from "./http/page.ts";
import { MetricsRefresh } from "./metrics-refresh.ts";
import { isLoopback } from "./origin.ts";
import { bind, unbind, urlOf } from "./server.ts";
import { ViewFeed } from "./view-feed.ts";
import { Hub } from "./ws/hub.ts";
import { SocketServer } from "./ws/socket-server.ts";

/** A client that takes longer to send its request than this is not one of ours. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Puts the parts of delivery together; nothing is bound or started before `listen`. */
export function makeGateway(options: GatewayOptions, deps: GatewayDeps): Gateway {
  const { logger, metrics, clocks, alertLog, alerts } = deps;
  const publicBind = !isLoopback(options.host);
  const auth = new Authenticator(options.tokens, publicBind);
  const feed = new AlertFeed({ alertLog, alerts, logger });
  const views = new ViewFeed({ networks: deps.networks, views: deps.views, clocks, logger });
  const refresh = new MetricsRefresh({ ...deps, feed, views });
  const networkNames = () => deps.networks().map((network) => network.name);
  const hub = new Hub({
    networks: networkNames,
    feed,
    views,
    alertLog,
    alerts,
    metrics,
    logger,
    heartbeatSeconds: options.heartbeatSeconds,
  });
  let stopping = false;
  const accepting = () => !stopping && feed.board !== null;
  const sockets = new SocketServer(options, { hub, auth, metrics, logger, clock: clocks.real, accepting });
  traceDeliveries({ feed, tracing: deps.tracing ?? NO_TRACING, logger });
  // An alert says that a view was committed with it.
  feed.listen({ onEvent: () => views.refresh(), onBoard: () => views.refresh() });
  const readiness = () => [
    ...(stopping ? [{ name: "shutdown", ok: false, detail: "going away" }] : []),
    { name: "alert log", ok: feed.board !== null, ...(feed.board ? {} : { detail: "not read yet" }) },
    ...deps.readiness(),
  ];

  let server: Server | null = null;
  let bound: { host: string; port: number; url: string } | null = null;
  let stopped: Promise<void> | null = null;

  async function listen(): Promise<{ host: string; port: number; url: string }> {
    if (server) throw new HashfallError("ALREADY_LISTENING", "the gateway listens already");
    const page = await Page.load(options.pageDir ?? builtDir());
    const app = makeHttpApp(options, {
      ...deps,
      views,
      viewStore: deps.views,
      auth,
      page,
      readiness,
      silences: deps.silences,
      deadLetters: deps.deadLetters,
      push: deps.push,
    });
    // The library would replace the process's own Request and Response, which the pollers use too.
    server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.on("upgrade", (request, socket, head) => sockets.onUpgrade(request, socket, head));
    const port = await bind(server, options.host, options.port);
    bound = { host: options.host, port, url: urlOf(options.host, port) };
    if (publicBind && !auth.guarded)
      logger.warn({ host: options.host }, "bound publicly without tokens: everybody may read, every write is refused");
    feed.start();
    views.start();
    refresh.start();
    hub.start();
    sockets.start();
    return bound;
  }

  async function stop(): Promise<void> {
    stopping = true;
    if (!server) return;
    await feed.stop();
    await sockets.stop();
    await Promise.all([views.stop(), unbind(server)]);
    refresh.stop();
    bound = null;
  }

  return {
    listen,
    address: () => bound,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
