/** A deadline for queries to the store, because a Redis that is away may never answer. */
import { TaskCancelledError, TimeoutStrategy, timeout } from "cockatiel";
import { HashfallError } from "../model/errors.ts";

/**
 * Returns what `work` returns, unless it takes too long or `given` fires. Its signal is then aborted, so that the work ends
 * together with the one who waited for it.
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
