/**
 * The lock on a data folder. An flock(2) belongs to the open file, not to a process: we hold it, the wrapper and
 * redis-server inherit it, and the kernel frees it when the last of them is gone, however they went. So a new start
 * also waits for an old server that is still writing its last lines.
 */
import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { HashfallError, messageOf } from "../../model/errors.ts";
import { openOwnFile } from "./own-files.ts";

/** Node cannot flock. One of these is on every system that has a Redis: util-linux or busybox; Perl on macOS and BSD. */
const LOCKERS: readonly (readonly [string, ...string[]])[] = [
  ["flock", "-n", "3"],
  ["perl", "-e", 'use Fcntl ":flock"; open(my $f, "+<&=", 3) or exit 3; exit(flock($f, LOCK_EX | LOCK_NB) ? 0 : 1);'],
];

/** A server whose owner was killed ends within this time. */
const WAIT_MS = 3_000;
const POLL_MS = 50;

export interface FolderLock {
  /** For children that must hold the lock too. */
  readonly fd: number;
  /** Safe to call twice. */
  release(): void;
}

/** True when taken, false when somebody else has it, null when this tool is not here. */
function tryLock(fd: number, [command, ...args]: readonly [string, ...string[]]): boolean | null {
  const result = spawnSync(command, args, { stdio: ["ignore", "ignore", "ignore", fd], timeout: 10_000 });
  if (result.error !== undefined && "code" in result.error && result.error.code === "ENOENT") return null;
  if (result.status === 0) return true;
  if (result.status === 1) return false;
  throw new Error(`${command} ended with ${result.status ?? result.signal ?? messageOf(result.error)}`);
}

/**
 * Makes a folder and what it stands in. Not `recursive`: where a file system answers ENOENT to a folder whose parent is
 * there (as /proc does), Node tries for ever.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error("it is a file");
    return;
  }
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
  // The umask takes bits from the mode above; a folder that its owner cannot enter is of no use.
  chmodSync(path, 0o700);
}

/** Makes the folder (mode 700) where it is missing; throws `HashfallError` DATA_DIR_UNWRITABLE. */
export function prepareFolder(dataDir: string): void {
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    makeFolder(join(dataDir, "redis"));
    accessSync(join(dataDir, "redis"), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new HashfallError(
      "DATA_DIR_UNWRITABLE",
      `the data folder ${dataDir} cannot be written (${messageOf(error)}); choose another with --data, or set REDIS_URL`,
      { cause: error },
    );
  }
}

/**
 * Takes the lock of a prepared folder, waiting a moment for an owner that is just ending.
 *
 * Throws `HashfallError` DATA_DIR_IN_USE (temporary), DATA_DIR_UNWRITABLE, DATA_DIR_NO_LOCK.
 */
export async function lockFolder(dataDir: string): Promise<FolderLock> {
  let fd: number;
  try {
    fd = openOwnFile(join(dataDir, "lock"), constants.O_RDWR | constants.O_CREAT | constants.O_APPEND);
  } catch (error) {
    const why = `the data folder ${dataDir} cannot be written (${messageOf(error)})`;
    throw new HashfallError("DATA_DIR_UNWRITABLE", why, { cause: error });
  }
  try {
    await takeLock(dataDir, fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let isHeld = true;
  return {
    fd,
    release() {
      // A second close could hit whatever got the same number meanwhile.
      if (isHeld) closeSync(fd);
      isHeld = false;
    },
  };
}

async function takeLock(dataDir: string, fd: number): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const taken = tryEach(fd);
    if (taken === null) {
      const why = `neither "flock" nor "perl" is here to lock the data folder ${dataDir}; set REDIS_URL instead`;
      throw new HashfallError("DATA_DIR_NO_LOCK", why);
    }
    if (taken) return;
    if (performance.now() > deadline) {
      const why = `another hashfall uses the data folder ${dataDir}; stop it, or choose another folder with --data`;
      throw new HashfallError("DATA_DIR_IN_USE", why, { kind: "temporary" });
    }
    await delay(POLL_MS);
  }
}

function tryEach(fd: number): boolean | null {
  for (const locker of LOCKERS) {
    const taken = tryLock(fd, locker);
    if (taken !== null) return taken;
  }
  return null;
}
