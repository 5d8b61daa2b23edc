/** A TCP proxy whose connections can fall silent without being closed, as behind a NAT that forgot them. */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface SilentProxy {
  readonly port: number;
  /** Connections that were ever accepted. */
  accepted(): number;
  /** The connections that are open now carry nothing any more; no end and no reset is sent. New ones work. */
  forget(): void;
  /** While on, no connection carries anything, new ones included; what was silent once stays silent. */
  blackHole(on: boolean): void;
  /** Resets every open connection. */
  reset(): void;
  /** Delays what is sent, in both directions. */
  delay(ms: number): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  silent: boolean;
}

/** @param target a port of 127.0.0.1, or the path of a unix socket */
export async function startSilentProxy(target: number | string): Promise<SilentProxy> {
  const pairs = new Set<Pair>();
  let accepted = 0;
  let blackHole = false;
  let delayMs = 0;
  const server = createServer((near) => {
    accepted++;
    const far = typeof target === "number" ? connect(target, "127.0.0.1") : connect(target);
    const pair: Pair = { near, far, silent: blackHole };
    pairs.add(pair);
    const carry = (from: Socket, to: Socket): void => {
      from.setNoDelay(true);
      from.on("data", (data) => {
        if (blackHole) pair.silent = true;
        if (pair.silent) return;
        if (delayMs === 0) to.write(data);
        else setTimeout(() => to.destroyed || to.write(data), delayMs);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        // An end does not come through a connection that was forgotten.
        if (!pair.silent || from === near) {
          near.destroy();
          far.destroy();
          pairs.delete(pair);
        }
      });
    };
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    forget() {
      for (const pair of pairs) pair.silent = true;
    },
    blackHole(on) {
      blackHole = on;
    },
    reset() {
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.destroy();
      }
    },
    delay(ms) {
      delayMs = ms;
    },
    async stop() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
