/** The HTTP server's life: bound with errors that say what to do, closed without waiting for idle connections. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HashfallError } from "../model/errors.ts";

const CLOSE_GRACE_MS = 2000;

/** @returns the port that was bound (the system's choice when 0 was asked for) */
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

/** `http://[::1]:8080`; what a person opens when every address is bound is this machine. */
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
