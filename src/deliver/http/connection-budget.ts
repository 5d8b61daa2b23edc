/**
 * Room for connections that belong here. Whoever connects and sends nothing, or sends it a byte at a time, or keeps a
 * connection for later, takes room that others need; so only so many may wait, for one address and in all, and the one
 * that has waited longest makes room for the next.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface ConnectionLimits {
  /** Connections of one address that wait. */
  readonly waitingPerAddress: number;
  /** The same in all. */
  readonly waiting: number;
}

/** A browser keeps 6 connections, a proxy some dozens; whoever sends a request at once waits for no more than a moment. */
export const CONNECTION_LIMITS: ConnectionLimits = { waitingPerAddress: 256, waiting: 512 };

/** A connection waits while no whole request of it is being answered: silent, in the midst of a request, or kept for the next. */
export class ConnectionBudget {
  readonly #limits: ConnectionLimits;
  /** Those that wait, the longest first. */
  readonly #waiting = new Set<Socket>();
  readonly #byAddress = new Map<string, Set<Socket>>();
  /** Remembered: a closed socket no longer says it. */
  readonly #addresses = new WeakMap<Socket, string>();

  constructor(limits: ConnectionLimits = CONNECTION_LIMITS) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** For the HTTP server's `connection` event. */
  onConnection(socket: Socket): void {
    this.#addresses.set(socket, socket.remoteAddress ?? "");
    this.#wait(socket);
    socket.once("close", () => this.#leave(socket));
  }

  /** For the HTTP server's `request` event. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket, headers } = request;
    const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
    // A body that does not come is no request yet.
    if (hasBody) request.once("end", () => this.#leave(socket));
    else this.#leave(socket);
    response.once("close", () => {
      if (!socket.destroyed) this.#wait(socket);
    });
  }

  /** For the HTTP server's `upgrade` event: who takes the connection over bounds it. */
  onUpgrade(socket: Socket): void {
    this.#leave(socket);
  }

  #wait(socket: Socket): void {
    this.#leave(socket);
    const address = this.#addresses.get(socket) ?? "";
    const ofAddress = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, ofAddress);
    ofAddress.add(socket);
    this.#waiting.add(socket);
    if (ofAddress.size > this.#limits.waitingPerAddress) this.#giveUp(ofAddress);
    if (this.#waiting.size > this.#limits.waiting) this.#giveUp(this.#waiting);
  }

  #giveUp(sockets: ReadonlySet<Socket>): void {
    const [longest] = sockets;
    if (longest === undefined) return;
    this.#leave(longest);
    longest.destroy();
  }

  #leave(socket: Socket): void {
    if (!this.#waiting.delete(socket)) return;
    const address = this.#addresses.get(socket) ?? "";
    const ofAddress = this.#byAddress.get(address);
    ofAddress?.delete(socket);
    if (ofAddress?.size === 0) this.#byAddress.delete(address);
  }
}
