import { setTimeout as delay } from "node:timers/promises";
import { HashfallError } from "../model/errors.ts";

/** The promise's outcome, or `HashfallError` `STORE_SILENT` when it takes longer: a Redis that is away may never answer. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = delay(ms, undefined, { signal: done.signal }).then(() => {
    throw new HashfallError("STORE_SILENT", `the store did not answer within ${ms} ms`, { kind: "temporary" });
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    done.abort();
    late.catch(() => {});
  }
}
