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
  /** While on, everything goes on in small pieces: the first bytes of what came one by one. */
  slice(on: boolean): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  silent: boolean;
}

/** Bytes that are sent one by one, and the size of the pieces after them. */
const SINGLE_BYTES = 256;
const PIECE_BYTES = 1_000;

function* piecesOf(data: Buffer): Generator<Buffer> {
  for (let at = 0; at < data.length; ) {
    const end = at + (at < SINGLE_BYTES ? 1 : PIECE_BYTES);
    yield data.subarray(at, end);
    at = end;
  }
}

/** @param target a port of 127.0.0.1, or the path of a unix socket */
export async function startSilentProxy(target: number | string): Promise<SilentProxy> {
  const pairs = new Set<Pair>();
  let accepted = 0;
  let blackHole = false;
  let delayMs = 0;
  let isSliced = false;
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
        if (isSliced) for (const piece of piecesOf(data)) to.write(piece);
        else if (delayMs === 0) to.write(data);
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
    slice(on) {
      isSliced = on;
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
