/** Serving as a process does it: says where in one line, ends at a signal or by itself. */
import { type SimProcess, type SimServerOptions, startSimServer } from "./server/serve.ts";

/** Resolves when the server has closed: at SIGTERM or SIGINT, or after `idleExitMs` without a request. */
export async function serveUntilStopped(options: SimServerOptions): Promise<void> {
  const { closed, stop, ...process_ } = await startSimServer(options);
  const onSignal = () => void stop();
  process.once("SIGTERM", onSignal);
  process.once("SIGINT", onSignal);
  process.stdout.write(`${JSON.stringify(process_ satisfies SimProcess)}\n`);
  await closed;
  process.off("SIGTERM", onSignal);
  process.off("SIGINT", onSignal);
}
