/** Notices that the data folder was deleted or replaced under a running service. Redis then writes to files that nobody finds again. */
import { stat } from "node:fs/promises";
import type { Logger } from "pino";
import { every, type Repeating } from "./every.ts";

export interface DataFolderWatch extends Repeating {
  /** One line for a person while the folder is gone; null while it is the one that the service started with. */
  fault(): string | null;
}

const EVERY_MS = 5_000;

/** @param options.folder the folder that Redis writes to; it exists when the watch begins */
export function watchDataFolder(
  options: { readonly folder: string; readonly everyMs?: number },
  { logger }: { readonly logger: Logger },
): DataFolderWatch {
  const { folder, everyMs = EVERY_MS } = options;
  let first: string | null = null;
  let fault: string | null = null;
  const identity = async (): Promise<string> => {
    const found = await stat(folder).catch(() => null);
    return found === null ? "" : `${found.dev}:${found.ino}`;
  };
  const repeating = every(
    everyMs,
    async () => {
      const now = await identity();
      first ??= now;
      const before = fault;
      fault = now === first ? null : `the data folder ${folder} was ${now === "" ? "deleted" : "replaced"}`;
      if (fault !== null && before === null) {
        logger.error({ folder }, `${fault}; everything stored is lost when the service stops. Export it, then restart`);
      }
    },
    { name: "data folder", logger },
  );
  return { fault: () => fault, stop: () => repeating.stop() };
}
