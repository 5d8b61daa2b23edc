/** Looks at this machine's processes, to prove that nothing was left behind. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Command lines of redis-server processes (and their wrappers) on a data folder. */
export function redisServersOn(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        // A server works in its data folder and calls itself by its socket.
        const inFolder = command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
        return inFolder && command.includes("redis-server") ? [`${pid} ${command}`] : [];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}
