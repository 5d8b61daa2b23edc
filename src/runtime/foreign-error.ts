/** Errors of Node and of the Redis client in our own words: what could not be done, where, why, and a code. */
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

/**
 * The error as ours; undefined for one that is none of theirs, which is a bug.
 *
 * `FILE_FAILED`: a file or folder; `REDIS_UNREACHABLE` (temporary): Redis went away while a command waited for it.
 */
export function foreignError(error: unknown): HashfallError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "MaxRetriesPerRequestError" || error.message === "Connection is closed.")
    return new HashfallError("REDIS_UNREACHABLE", "Redis does not answer any more", {
      kind: "temporary",
      cause: error,
    });
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const why = code === undefined ? undefined : REASONS[code];
  if (why === undefined || syscall === undefined) return undefined;
  const what = `${path ?? "a file"} cannot be ${DOINGS[syscall] ?? "used"}: ${why} (${code})`;
  return new HashfallError("FILE_FAILED", what, { cause: error });
}
