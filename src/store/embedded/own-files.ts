/** Files of ours in folders that others may reach: links are never followed, modes never depend on the umask. */
import { createHash } from "node:crypto";
import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Opens a regular file, mode 600. Throws when the path is a link (ELOOP) or no regular file.
 * @param flags of `open(2)`; O_NOFOLLOW is added
 */
export function openOwnFile(path: string, flags: number): number {
  // O_NONBLOCK: opening a named pipe would wait for its other end.
  const fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  try {
    const { uid, mode } = fstatSync(fd);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new Error(`${path} is no regular file`);
    if (uid === process.getuid?.()) fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Text of a regular file; throws when the path is a link. */
export function readOwnFile(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

/**
 * Why a program must not be run, or null: it and every folder above it must belong to us or to root, and nobody else may
 * write them. A folder with the sticky bit (like /tmp) may be written by all: there nobody can rename what is not his.
 */
export function notOursAlone(path: string): string | null {
  const ownUid = process.getuid?.();
  if (ownUid === undefined) return null;
  for (let current = realpathSync(path), isFile = true; ; current = dirname(current), isFile = false) {
    const { uid, gid, mode } = lstatSync(current);
    if (uid !== ownUid && uid !== 0) return `${current} belongs to another user (uid ${uid})`;
    const isSticky = !isFile && (mode & 0o1000) !== 0;
    // A group of the same number as its user holds that user alone, by the convention of most systems.
    const isWritableByGroup = (mode & 0o020) !== 0 && gid !== 0 && gid !== uid;
    if (!isSticky && ((mode & 0o002) !== 0 || isWritableByGroup)) return `others may write ${current}`;
    if (dirname(current) === current) return null;
  }
}

/** SHA-256 of a file, hexadecimal. */
export function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
