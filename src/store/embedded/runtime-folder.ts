/** The folder of the server's socket: short, because a socket's path may have 107 bytes (103 on macOS), and ours alone. */
import { chmodSync, closeSync, constants, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { HashfallError } from "../../model/errors.ts";
import { openOwnFile, readOwnFile } from "./own-files.ts";

const PREFIX = "hashfall-";
/** macOS's limit; Linux has four more. */
const PATH_LIMIT = 103;

function recordPath(dataDir: string): string {
  return join(dataDir, "socket.path");
}

/**
 * Makes a folder of mode 700 under XDG_RUNTIME_DIR, the temporary folder or /tmp, whichever is short enough and writable;
 * notes the socket's path in the data folder, for `export` beside a running service.
 */
export function makeSocketPath(dataDir: string, env: NodeJS.ProcessEnv): string {
  removeSocketFolder(dataDir);
  const places = [env.XDG_RUNTIME_DIR ?? "", tmpdir(), "/tmp"].filter((place) => place !== "");
  for (const place of places) {
    if (Buffer.byteLength(join(place, `${PREFIX}XXXXXX`, "redis.sock")) > PATH_LIMIT) continue;
    try {
      const folder = mkdtempSync(join(place, PREFIX));
      chmodSync(folder, 0o700);
      const path = join(folder, "redis.sock");
      recordSocketPath(dataDir, path);
      return path;
    } catch {
      // The next place may do.
    }
  }
  throw new HashfallError(
    "RUNTIME_DIR_UNWRITABLE",
    `no folder for the server's socket: none of ${places.join(", ")} is writable and short enough; set XDG_RUNTIME_DIR`,
  );
}

/** A link that somebody put in the file's place is removed, not followed: O_EXCL makes the file anew. */
function recordSocketPath(dataDir: string, path: string): void {
  rmSync(recordPath(dataDir), { force: true });
  const fd = openOwnFile(recordPath(dataDir), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
  try {
    writeFileSync(fd, path);
  } finally {
    closeSync(fd);
  }
}

/** The socket that the service on this data folder listens on, if it noted one. */
export function recordedSocketPath(dataDir: string): string | null {
  try {
    return readOwnFile(recordPath(dataDir)).trim() || null;
  } catch {
    return null;
  }
}

/** Removes the socket's folder, ours or one that a killed predecessor left. Call it with the data folder's lock held. */
export function removeSocketFolder(dataDir: string): void {
  const path = recordedSocketPath(dataDir);
  if (path === null) return;
  const folder = join(path, "..");
  if (basename(folder).startsWith(PREFIX) && basename(path) === "redis.sock") {
    // The socket alone, and the folder only when it is empty then: the note may name somebody else's folder.
    rmSync(path, { force: true });
    try {
      rmdirSync(folder);
    } catch {
      // It is gone, or it holds what is not ours.
    }
  }
  rmSync(recordPath(dataDir), { force: true });
}
