/**
 * What stands between the sockets of the HTTP server and its routes, so that readers cannot stop it. Node starts on every
 * pipelined request at once and keeps their answers until they are read; here a connection is answered one request at a
 * time, only so many requests are worked on at once, and answers that nobody reads are bounded per client and in all.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface GateLimits {
  /** Requests of one connection that may wait behind the one under way; one more ends the connection. */
  readonly pipelined: number;
  /** Requests worked on at once, in all; the others wait for their turn. */
  readonly working: number;
  /** Bytes of finished answers that one address has not read. */
  readonly unreadPerAddress: number;
  /** The same in all. */
  readonly unread: number;
}

/** Readers that read need none of it: an answer of the largest kind has 0.5 MB, and leaves as soon as it is written. */
export const GATE_LIMITS: GateLimits = {
  pipelined: 64,
  working: 128,
  unreadPerAddress: 16 * 1024 * 1024,
  unread: 48 * 1024 * 1024,
};

type Turn = readonly [request: IncomingMessage, response: ServerResponse];
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** One connection: the requests that wait on it, and what it has not read of its newest answer. */
interface Line {
  readonly socket: Socket;
  readonly address: string;
  readonly waiting: Turn[];
  busy: boolean;
  unread: number;
}

export class RequestGate {
  readonly #limits: GateLimits;
  readonly #listener: Listener;
  readonly #lines = new WeakMap<Socket, Line>();
  /** Connections whose next request waits for a free hand, in the order of their coming. */
  readonly #queue = new Set<Line>();
  /** Connections with an answer that is finished and not read, the oldest first. */
  readonly #unreadLines = new Set<Line>();
  #working = 0;
  #unread = 0;

  constructor(listener: Listener, limits: GateLimits = GATE_LIMITS) {
    this.#listener = listener;
    this.#limits = limits;
  }

  /** Bytes of finished answers that wait in this process for their readers. */
  get unreadBytes(): number {
    return this.#unread;
  }

  /** For the HTTP server's `request` event. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    const line = this.#lineOf(request.socket);
    if (line.socket.destroyed) return;
    if (line.waiting.length >= this.#limits.pipelined) {
      line.waiting.length = 0;
      line.socket.destroy();
      return;
    }
    line.waiting.push([request, response]);
    if (!line.busy) this.#queue.add(line);
    this.#work();
  }

  #lineOf(socket: Socket): Line {
    const known = this.#lines.get(socket);
    if (known) return known;
    const line: Line = { socket, address: socket.remoteAddress ?? "", waiting: [], busy: false, unread: 0 };
    this.#lines.set(socket, line);
    socket.once("close", () => {
      line.waiting.length = 0;
      this.#queue.delete(line);
    });
    return line;
  }

  #work(): void {
    for (const line of this.#queue) {
      if (this.#working >= this.#limits.working) return;
      this.#queue.delete(line);
      const turn = line.waiting.shift();
      if (turn && !line.socket.destroyed) this.#answer(line, turn);
    }
  }

  #answer(line: Line, [request, response]: Turn): void {
    line.busy = true;
    this.#working += 1;
    let worked = false;
    const endWork = (): void => {
      if (worked) return;
      worked = true;
      this.#working -= 1;
      queueMicrotask(() => this.#work());
    };
    // The answer is complete; what the socket still holds of it waits for its reader.
    response.once("prefinish", () => {
      endWork();
      this.#countUnread(line);
    });
    response.once("close", () => {
      endWork();
      this.#forgetUnread(line);
      line.busy = false;
      if (line.waiting.length > 0 && !line.socket.destroyed) this.#queue.add(line);
      this.#work();
    });
    this.#listener(request, response);
  }

  #countUnread(line: Line): void {
    line.unread = line.socket.writableLength;
    if (line.unread === 0) return;
    this.#unread += line.unread;
    this.#unreadLines.add(line);
    this.#cut(({ address }) => address === line.address, this.#limits.unreadPerAddress);
    this.#cut(() => true, this.#limits.unread);
  }

  #forgetUnread(line: Line): void {
    if (!this.#unreadLines.delete(line)) return;
    this.#unread -= line.unread;
    line.unread = 0;
  }

  /** Ends the connections that have read nothing for longest until the others stay within the limit. */
  #cut(among: (line: Line) => boolean, limit: number): void {
    let over = -limit;
    for (const line of this.#unreadLines) if (among(line)) over += line.unread;
    for (const line of this.#unreadLines) {
      if (over <= 0) return;
      if (!among(line)) continue;
      over -= line.unread;
      this.#forgetUnread(line);
      line.socket.destroy();
    }
  }
}
