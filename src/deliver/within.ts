/** A deadline for what is asked of the store: a Redis that is away may never answer. */
import { TaskCancelledError, TimeoutStrategy, timeout } from "cockatiel";
import { HashfallError } from "../model/errors.ts";

/**
 * What `work` gives, unless it takes longer or `given` fires: its signal is aborted then, so that its work ends with whoever
 * waited for it.
 *
 * @throws `HashfallError` `STORE_SILENT` at the deadline; whatever `work` throws
 */
export async function within<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  given?: AbortSignal,
): Promise<T> {
  try {
    return await timeout(ms, TimeoutStrategy.Aggressive).execute(({ signal }) => work(signal), given);
  } catch (error) {
    if (!(error instanceof TaskCancelledError)) throw error;
    throw new HashfallError("STORE_SILENT", `the store did not answer within ${ms} ms`, { kind: "temporary" });
  }
}
