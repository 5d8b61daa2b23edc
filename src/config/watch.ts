/** Reload: on SIGHUP and when the file or its weights change. A bad file is refused and said; the old one stays in force. */
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { LoadOptions } from "./load.ts";
import { loadConfigFile } from "./load.ts";
import type { Config } from "./resolve/resolved.ts";

export interface ConfigWatch {
  /** Reads the file now; resolves when it was taken or refused. */
  reload(): Promise<void>;
  /** No call back comes after it. */
  close(): void;
}

export interface WatchOptions extends LoadOptions {
  /** How often the files are looked at. Polling: it also sees mounted volumes, links that move, and every editor. */
  readonly pollMs?: number;
  /** Off where a test or another owner takes SIGHUP. */
  readonly sighup?: boolean;
}

const DEFAULT_POLL_MS = 2000;

/**
 * Watches a configuration that was loaded from `path` until it is closed.
 *
 * @param onChange every configuration that was read without a fault, also one that says the same as before
 * @param onError why a changed file was refused: a `HashfallError` with one line for every fault
 */
export function watchConfig(
  path: string,
  onChange: (config: Config) => void,
  onError: (error: unknown) => void,
  options: WatchOptions = {},
): ConfigWatch {
  let closed = false;
  let running: Promise<void> | undefined;
  let seen: string | undefined;
  let pending: string | undefined;
  let files: readonly string[] = [path];

  const load = async () => {
    // Taken before reading: what changes while it is read is a change of its own.
    seen = await signature(files);
    try {
      const config = await loadConfigFile(path, options);
      const named = [path, ...(config.files ?? [])];
      if (named.join("|") !== files.join("|")) {
        files = named;
        seen = await signature(files);
      }
      if (!closed) onChange(config);
    } catch (error) {
      if (!closed) onError(error);
    }
  };
  const reload = () => {
    running ??= load().finally(() => {
      running = undefined;
    });
    return running;
  };
  const look = async () => {
    const now = await signature(files);
    seen ??= now;
    if (closed || now === seen) {
      pending = undefined;
      return;
    }
    // Only a file that stood still for one look is read: an editor may be half way through it.
    if (now !== pending) {
      pending = now;
      return;
    }
    pending = undefined;
    await reload();
  };
  const timer = setInterval(() => void look(), options.pollMs ?? DEFAULT_POLL_MS);
  const onSighup = () => void reload();
  if (options.sighup !== false) process.on("SIGHUP", onSighup);
  void look();
  return {
    reload,
    close() {
      closed = true;
      clearInterval(timer);
      process.off("SIGHUP", onSighup);
    },
  };
}

/** Changes when any of the files does; a missing file counts as one that is. */
async function signature(files: readonly string[]): Promise<string> {
  const marks = await Promise.all(
    files.map((file) =>
      stat(resolve(file)).then(
        (s) => `${s.ino}:${s.size}:${s.mtimeMs}`,
        () => `missing in ${dirname(file)}`,
      ),
    ),
  );
  return marks.join("|");
}
