/** Runs the core in a thread of its own, so that no tick of any size blocks sockets, scrapes or leases. */
import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import type { DetectorModel } from "../detect/contract.ts";
import { HashfallError } from "../model/errors.ts";
import type { Engine, EngineResult, EngineRun } from "./engine.ts";

interface Waiting {
  readonly network: string;
  resolve(result: EngineResult | "not-kept"): void;
  reject(error: unknown): void;
}

type Answer =
  | { call: number; result: EngineResult | "not-kept"; kept: string | undefined }
  | { call: number; code: string; message: string };

/**
 * Starts the thread at the first run, and again after it died. Calls under way are then rejected with `ENGINE_FAILED`
 * (temporary: the job is retried, and the state in Redis is unchanged).
 */
export function makeThreadedEngine(models: readonly DetectorModel[], deps: { logger: Logger }): Engine {
  const waiting = new Map<number, Waiting>();
  /** The commits whose states the thread keeps. A network with a run under way is left out. */
  const kept = new Map<string, string>();
  let thread: Worker | null = null;
  let calls = 0;
  let stopped = false;

  const rejectAll = (why: string): void => {
    for (const { reject } of waiting.values()) reject(new HashfallError("ENGINE_FAILED", why, { kind: "temporary" }));
    waiting.clear();
  };

  const start = (): Worker => {
    const worker = new Worker(new URL("./engine-thread.js", import.meta.url), { workerData: { models } });
    worker.on("message", (answer: Answer) => {
      const call = waiting.get(answer.call);
      waiting.delete(answer.call);
      if ("result" in answer) {
        if (call !== undefined && answer.kept !== undefined) kept.set(call.network, answer.kept);
        call?.resolve(answer.result);
      } else call?.reject(new HashfallError(answer.code, answer.message, { kind: "temporary" }));
    });
    worker.on("error", (error) => deps.logger.error({ err: error }, "the detector's thread failed"));
    worker.on("exit", (status) => {
      if (thread === worker) {
        thread = null;
        kept.clear();
      }
      if (!stopped) rejectAll(`the detector's thread ended with status ${status}`);
    });
    return worker;
  };

  return {
    kept: (network) => kept.get(network),
    run(request: EngineRun) {
      if (stopped) {
        return Promise.reject(new HashfallError("ENGINE_FAILED", "the detector is stopped", { kind: "temporary" }));
      }
      thread ??= start();
      const call = ++calls;
      const worker = thread;
      kept.delete(request.network);
      return new Promise<EngineResult | "not-kept">((resolve, reject) => {
        waiting.set(call, { network: request.network, resolve, reject });
        worker.postMessage({ call, ...request });
      });
    },
    async stop() {
      stopped = true;
      await thread?.terminate();
      rejectAll("the detector was stopped");
    },
  };
}
