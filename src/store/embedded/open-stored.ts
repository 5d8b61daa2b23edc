/** Reaches what a service has stored, whether that service is running or not. */

import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import type { Logger } from "pino";
import { HashfallError } from "../../model/errors.ts";
import { recordedSocketPath } from "./runtime-folder.ts";
import { type EmbeddedOptions, startEmbedded } from "./start-embedded.ts";

export interface StoredRedis {
  readonly url: string;
  /** Stops the server if it was started for this. */
  close(): Promise<void>;
}

async function listens(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * The Redis of a data folder: that of the service which is running on it, or one that is started for this.
 *
 * Throws `HashfallError` DATA_DIR_EMPTY when no service ever stored anything there, and whatever `startEmbedded` throws.
 */
export async function openStored(options: EmbeddedOptions, deps: { readonly logger: Logger }): Promise<StoredRedis> {
  const dataDir = resolve(options.dataDir);
  const socketPath = recordedSocketPath(dataDir);
  if (socketPath !== null && (await listens(socketPath))) {
    return { url: `unix://${socketPath}`, close: () => Promise.resolve() };
  }
  if (!existsSync(join(dataDir, "redis"))) {
    const why = `nothing was ever stored in ${dataDir}; name the service's data folder with --data, or set REDIS_URL`;
    throw new HashfallError("DATA_DIR_EMPTY", why);
  }
  const embedded = await startEmbedded(options, deps);
  return { url: embedded.url, close: () => embedded.stop() };
}
