/** A real HTTP server that takes deliveries, answers what it is told to, and lets tests await what came. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
}

export type Answer = number | "hang-up" | "silence" | ((response: ServerResponse) => void);

export class Receiver {
  readonly received: Received[] = [];
  /** Taken from the front, one for each request; then 204 for ever. */
  answers: Answer[] = [];
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  #read = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (text) => {
        body += text;
      });
      request.on("end", () => {
        const { url: path = "", method = "", headers } = request;
        this.received.push({ path, method, headers, body, at: performance.now() });
        const answer = this.answers.shift() ?? 204;
        if (answer === "hang-up") request.socket.destroy();
        else if (typeof answer === "function") answer(response);
        else if (answer !== "silence") response.writeHead(answer).end();
        for (const look of this.#waiting) look();
      });
    });
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The next request that was not yet asked for. */
  async next(): Promise<Received> {
    const index = this.#read++;
    await this.until(() => this.received.length > index);
    return this.received[index]!;
  }

  until(test: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!test()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  ids(): string[] {
    return this.received.map(({ headers }) => String(headers["webhook-id"]));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
