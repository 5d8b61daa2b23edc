/** Which system this is, as far as getting a Redis on it goes. */
import { readFileSync } from "node:fs";

export interface OperatingSystem {
  /** Like `debian-12-x64`: what a fetched server fits on. */
  readonly label: string;
  /** `debian`, `ubuntu`, `darwin`, and what it says it is like. */
  readonly families: readonly string[];
}

/** @param osRelease text of /etc/os-release; empty where there is none */
export function describeSystem(platform: string, arch: string, osRelease: string): OperatingSystem {
  const field = (name: string): string => {
    const value = new RegExp(`^${name}=(.*)$`, "m").exec(osRelease)?.[1] ?? "";
    return value.replace(/^["']|["']$/g, "").toLowerCase();
  };
  const id = field("ID") || platform;
  const label = [id, field("VERSION_ID"), arch].filter((part) => part !== "").join("-");
  const families = [id, ...field("ID_LIKE").split(/\s+/)].filter((family) => family !== "");
  return { label: label.replace(/[^a-z0-9._-]/g, "_"), families };
}

export function thisSystem(): OperatingSystem {
  let osRelease = "";
  try {
    osRelease = readFileSync("/etc/os-release", "utf8");
  } catch {
    // macOS and others have none.
  }
  return describeSystem(process.platform, process.arch, osRelease);
}

const INSTALL: readonly (readonly [families: readonly string[], command: string])[] = [
  [["debian", "ubuntu"], "sudo apt-get install redis-server"],
  [["fedora", "rhel", "centos"], "sudo dnf install valkey"],
  [["alpine"], "apk add valkey"],
  [["arch"], "sudo pacman -S valkey"],
  [["suse", "opensuse"], "sudo zypper install valkey"],
  [["darwin"], "brew install valkey"],
];

/** The commands that give this system a Redis, one line. */
export function waysToRedis(system: OperatingSystem): string {
  const install = INSTALL.find(([families]) => families.some((family) => system.families.includes(family)))?.[1];
  return [
    ...(install === undefined ? [] : [install]),
    "REDIS_SERVER_BIN=/path/to/redis-server",
    "docker run -d -p 127.0.0.1:6379:6379 redis:7 redis-server --appendonly yes, then REDIS_URL=redis://127.0.0.1:6379",
  ].join("; or ");
}
