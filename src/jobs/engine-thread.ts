/** The thread that the core runs in: answers `EngineRun` messages of `threaded-engine.ts`, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import type { DetectorModel } from "../detect/contract.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { type EngineRun, makeEngine } from "./engine.ts";

export interface EngineRequest extends EngineRun {
  readonly call: number;
}

const engine = makeEngine((workerData as { models: readonly DetectorModel[] }).models);

parentPort?.on("message", (request: EngineRequest) => {
  engine.run(request).then(
    (result) => {
      // The bytes are moved, not copied: the thread has no use for them any more.
      const moved = result === "not-kept" ? [] : [result.bytes.buffer as ArrayBuffer];
      parentPort?.postMessage({ call: request.call, result, kept: engine.kept(request.network) }, moved);
    },
    (error: unknown) =>
      parentPort?.postMessage({
        call: request.call,
        code: error instanceof HashfallError ? error.code : "ENGINE_FAILED",
        message: error instanceof HashfallError ? error.message : String((error as Error).stack ?? messageOf(error)),
      }),
  );
});
