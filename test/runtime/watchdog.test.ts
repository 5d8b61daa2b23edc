import { describe, expect, it, onTestFinished } from "vitest";
import { startWatchdog } from "../../src/runtime/watchdog.ts";
import { SILENT } from "../store/helpers.ts";

function watched(env: Record<string, string>) {
  const said: string[] = [];
  const notify = async (args: readonly string[]) => void said.push(args.join(" "));
  const watchdog = startWatchdog({ env, logger: SILENT, notify });
  onTestFinished(async () => watchdog?.stop());
  return { watchdog, said };
}

const SOCKET = { NOTIFY_SOCKET: "/run/systemd/notify" };

describe("systemd's watchdog", () => {
  it("is told again and again that the process works", async () => {
    const { said } = watched({ ...SOCKET, WATCHDOG_USEC: "20000", WATCHDOG_PID: String(process.pid) });
    await expect.poll(() => said.length).toBeGreaterThan(3);
    expect(new Set(said)).toEqual(new Set(["WATCHDOG=1"]));
  });

  it.each([
    ["the unit has no WatchdogSec", SOCKET],
    ["there is no systemd", { WATCHDOG_USEC: "20000" }],
    ["it watches another process", { ...SOCKET, WATCHDOG_USEC: "20000", WATCHDOG_PID: "1" }],
    ["its time is no number", { ...SOCKET, WATCHDOG_USEC: "soon" }],
  ])("is told nothing where %s", (_, env) => {
    const { watchdog, said } = watched(env);
    expect(watchdog).toBeUndefined();
    expect(said).toEqual([]);
  });

  it("does not end a process whose systemd-notify is not there", async () => {
    let tried = 0;
    const notify = async () => {
      tried++;
      throw new Error("spawn systemd-notify ENOENT");
    };
    const watchdog = startWatchdog({ env: { ...SOCKET, WATCHDOG_USEC: "20000" }, logger: SILENT, notify });
    onTestFinished(async () => watchdog?.stop());
    await expect.poll(() => tried).toBeGreaterThan(1);
  });
});
