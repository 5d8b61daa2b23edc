/** Binds the HTTP server, with errors that say what to do, and closes it without waiting for idle connections. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HashfallError } from "../model/errors.ts";
import { ConnectionBudget } from "./http/connection-budget.ts";
import { RequestGate } from "./http/request-gate.ts";

const CLOSE_GRACE_MS = 2000;
/**
 * Keep-alive time, ms: longer than the 60 s after which balancers close an idle connection, because the balancer must close
 * first.
 */
const KEEP_ALIVE_MS = 75_000;
/** A connection is closed when its headers, or its whole request, take longer than this, ms. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often both limits are checked, ms. */
const TIMEOUT_CHECK_MS = 5_000;
/** A connection is closed when no byte moved for this long during a response, ms. */
const STALLED_MS = 30_000;

export interface ServerLimits {
  /** Path that a proxy leaves in front of every path; may be empty. */
  readonly basePath: string;
  /** Most connections of all kinds at once. */
  readonly maxSockets: number;
}

/** Makes a server whose connections are bounded in time, number and unsent bytes. It is not bound yet. */
export function openServer(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  { basePath, maxSockets }: ServerLimits,
): Server {
  const gate = new RequestGate(listener);
  const budget = new ConnectionBudget();
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    // Balancers request /healthz without a Host header. Every other path is refused without one.
    requireHostHeader: false,
  });
  server.timeout = STALLED_MS;
  server.maxConnections = maxSockets;
  const strip = (request: IncomingMessage): void => {
    const { url = "/" } = request;
    if (basePath !== "" && url.startsWith(`${basePath}/`)) request.url = url.slice(basePath.length);
  };
  server.on("connection", (socket) => budget.onConnection(socket));
  server.on("request", (request, response) => {
    strip(request);
    budget.onRequest(request, response);
    gate.onRequest(request, response);
  });
  server.on("upgrade", (request) => {
    strip(request);
    budget.onUpgrade(request.socket);
  });
  return server;
}

/** @returns the bound port (chosen by the system when 0 was given) */
export async function bind(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(explain(error, host, port));
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Requests under way may finish for a moment. */
export async function unbind(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(cutOff);
}

/** The server's URL, like `http://[::1]:8080`. When every address is bound it names this machine. */
export function urlOf(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): HashfallError {
  const where = `${host}:${port}`;
  if (error.code === "EADDRINUSE")
    return new HashfallError("PORT_TAKEN", `${where} is taken by another process; choose another with --port`, {
      cause: error,
    });
  if (error.code === "EACCES")
    return new HashfallError("PORT_FORBIDDEN", `${where} may not be bound by this user; choose a port from 1024 up`, {
      cause: error,
    });
  return new HashfallError("ADDRESS_UNAVAILABLE", `${where} cannot be bound: ${error.message}`, { cause: error });
}
