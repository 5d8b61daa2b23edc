/**
 * Tells systemd that this process still works, where its unit has `WatchdogSec`: a process whose event loop stands still says
 * nothing, and systemd starts it anew. Node has no datagram sockets of Unix, so systemd's own `systemd-notify` speaks for us.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { every, type Repeating } from "./every.ts";

export interface WatchdogDeps {
  /** `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are systemd's (sd_watchdog_enabled(3)). */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Runs `systemd-notify` with these arguments; rejects when it cannot. */
  readonly notify?: (args: readonly string[]) => Promise<unknown>;
}

const NOTIFY_TIMEOUT_MS = 5_000;

/** Undefined where systemd does not watch this process. Says so at twice the rate that systemd asks for. */
export function startWatchdog({ env, logger, notify = systemdNotify }: WatchdogDeps): Repeating | undefined {
  const everyMs = Number(env.WATCHDOG_USEC) / 1_000 / 2;
  const isOurs = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === process.pid;
  if (!env.NOTIFY_SOCKET || !isOurs || !(everyMs > 0)) return undefined;
  return every(everyMs, async () => void (await notify(["WATCHDOG=1"])), { name: "systemd watchdog", logger });
}

function systemdNotify(args: readonly string[]): Promise<unknown> {
  return promisify(execFile)("systemd-notify", [...args], { timeout: NOTIFY_TIMEOUT_MS });
}
