/** Stands before Redis and kills a process at one of its messages, which Redis has then got or not. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface KillingProxy {
  readonly port: number;
  stop(): void;
}

export interface KillAt {
  /** Number of the message, from 0. */
  readonly message: number;
  /** Whether Redis gets that message; its answer never comes back. */
  readonly isPassed: boolean;
}

export async function startKillingProxy(
  { message, isPassed }: KillAt,
  { redisSocket, kill }: { readonly redisSocket: string; readonly kill: () => void },
): Promise<KillingProxy> {
  let seen = 0;
  let isOver = false;
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(redisSocket);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    near.on("data", (data) => {
      if (isOver) return;
      isOver = seen++ === message;
      if (!isOver || isPassed) far.write(data);
      if (isOver) kill();
    });
    far.on("data", (data) => {
      if (!isOver) near.write(data);
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as AddressInfo).port,
    stop() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}
