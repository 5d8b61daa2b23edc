/** Stands before an upstream and writes down who was asked what, when. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly path: string;
  /** Data time at which the question came, ms. */
  readonly at: number;
  /** Of the answer; 0 while there is none. */
  status: number;
}

export interface CountingProxy {
  readonly url: string;
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
}

export async function startCountingProxy(upstream: string, now: () => number): Promise<CountingProxy> {
  const asked: Asked[] = [];
  const server = createServer((incoming, outgoing) => {
    const entry: Asked = { path: incoming.url ?? "", at: now(), status: 0 };
    asked.push(entry);
    const onward = request(new URL(incoming.url ?? "", upstream), { headers: incoming.headers }, (answer) => {
      entry.status = answer.statusCode ?? 0;
      outgoing.writeHead(entry.status, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.on("error", () => onward.destroy());
    outgoing.on("close", () => onward.destroy());
    onward.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
