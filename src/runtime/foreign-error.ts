/** Turns errors of Node and of the Redis client into hashfall's own: what could not be done, where, why, and a code. */
import { HashfallError } from "../model/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user may not",
  EPERM: "this user may not",
  EROFS: "the file system can only be read",
  ENOSPC: "no space is left on the device",
  EDQUOT: "no space is left for this user",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  EEXIST: "it is there already",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
  EINVAL: "it is no fit name or value",
};
const DOINGS: Readonly<Record<string, string>> = {
  open: "opened",
  read: "read",
  write: "written",
  mkdir: "made",
  mkdtemp: "made",
  rename: "renamed",
  unlink: "removed",
  rm: "removed",
  scandir: "listed",
  stat: "looked at",
  lstat: "looked at",
};

/** What the Redis client says of a server that went away: its advice is about options that nobody here can set. */
const REDIS_AWAY: readonly (readonly [RegExp, string])[] = [
  [/^Reached the max retries per request limit/, "Redis went away while a command waited for its answer"],
  [/^Connection is closed\.$/, "the connection to Redis is closed"],
  [/^Command timed out$/, "Redis took too long to answer a command"],
  [/^Stream isn't writeable/, "there is no connection to Redis"],
];

/**
 * The error as a `HashfallError`; undefined for any other error, which is a bug.
 *
 * `FILE_FAILED`: a file or folder; `REDIS_UNREACHABLE` (temporary): Redis went away while a command waited for it.
 */
export function foreignError(error: unknown): HashfallError | undefined {
  if (!(error instanceof Error)) return undefined;
  const away = REDIS_AWAY.find(([pattern]) => pattern.test(error.message))?.[1];
  if (away !== undefined) return new HashfallError("REDIS_UNREACHABLE", away, { kind: "temporary" });
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const why = code === undefined ? undefined : REASONS[code];
  if (why === undefined || syscall === undefined) return undefined;
  const what = `${path ?? "a file"} cannot be ${DOINGS[syscall] ?? "used"}: ${why} (${code})`;
  return new HashfallError("FILE_FAILED", what, { cause: error });
}
