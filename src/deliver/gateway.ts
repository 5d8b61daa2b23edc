/** One HTTP server for people, programs and scrapers: page, REST, metrics and the WebSocket. */
import type { Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { HashfallError } from "../model/errors.ts";
import { NO_TRACING } from "../tracing/contract.ts";
import { AlertFeed } from "./alert-feed.ts";
import { Authenticator } from "./auth.ts";
import type { Gateway, GatewayDeps, GatewayOptions } from "./contract.ts";
import { traceDeliveries } from "./delivery-trace.ts";
import { makeHttpApp } from "./http/app.ts";
import { builtDir, Page } from "./http/page.ts";
import { MetricsRefresh } from "./metrics-refresh.ts";
import { basePath, isLoopback } from "./origin.ts";
import { bind, openServer, unbind, urlOf } from "./server.ts";
import { ViewFeed } from "./view-feed.ts";
import { Hub } from "./ws/hub.ts";
import { SocketServer } from "./ws/socket-server.ts";

/** Connections allowed beyond those of WebSocket clients: requests, and sockets that are opening or closing. */
const SPARE_SOCKETS = 4096;

/** Assembles the parts of delivery. Nothing is bound or started before `listen`. */
export function makeGateway(options: GatewayOptions, deps: GatewayDeps): Gateway {
  const { logger, metrics, clocks, alertLog, alerts } = deps;
  const isPublic = !isLoopback(options.host) || options.publicUrl !== undefined;
  const auth = new Authenticator(options.tokens, isPublic);
  const feed = new AlertFeed({ alertLog, alerts, logger });
  const views = new ViewFeed({
    networks: deps.networks,
    views: deps.views,
    sourceHealth: deps.sourceHealth,
    clocks,
    logger,
  });
  const refresh = new MetricsRefresh({ ...deps, feed, views });
  const hub = new Hub({
    networks: deps.networks,
    feed,
    views,
    alertLog,
    alerts,
    logger,
    heartbeatSeconds: options.heartbeatSeconds,
  });
  let stopping = false;
  const accepting = () => !stopping && feed.openAlerts !== null;
  const sockets = new SocketServer(options, { hub, auth, metrics, logger, clock: clocks.real, accepting });
  traceDeliveries({ feed, tracing: deps.tracing ?? NO_TRACING, logger });
  // A view is committed together with each alert, so an alert means that a view has changed.
  feed.listen({ onEvent: () => views.refresh(), onNewEpoch: () => views.refresh() });
  const readiness = () => [
    ...(stopping ? [{ name: "shutdown", ok: false, detail: "going away" }] : []),
    { name: "alert log", ok: feed.openAlerts !== null, ...(feed.openAlerts ? {} : { detail: "not read yet" }) },
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
      publicUrl: options.publicUrl,
      readiness,
      silences: deps.silences,
      deadLetters: deps.deadLetters,
      testWebhook: deps.testWebhook,
      push: deps.push,
    });
    // By default the library replaces the global Request and Response, which the pollers use too.
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: "127.0.0.1" });
    server = openServer(listener, {
      basePath: basePath(options.publicUrl),
      maxSockets: options.maxClients + SPARE_SOCKETS,
    });
    server.on("upgrade", (request, socket, head) => sockets.onUpgrade(request, socket, head));
    const port = await bind(server, options.host, options.port);
    bound = { host: options.host, port, url: urlOf(options.host, port) };
    if (isPublic && !auth.guarded)
      logger.warn(
        { host: options.host, ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }) },
        "reachable from outside without tokens: everybody may read, every write is refused",
      );
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
    statuses: () => deps.networks().map(({ name }) => views.status(name)),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
