/** A cursor names a place in the alert log: epoch and stream id. Opaque to clients, never data time. */

export interface Cursor {
  /** Changes when the log is no longer the continuation of what was delivered before. */
  readonly epoch: string;
  /** Stream id given by the server, like `1641379800000-0`; `0-0` is before everything. */
  readonly id: string;
}

/** Both numbers of a stream id are 64 bits wide. */
const MAX_UINT64 = 2n ** 64n - 1n;

/** `e1~1641379800000-0` */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}~${cursor.id}`;
}

/** Null for anything that is not a cursor of ours. */
export function parseCursor(text: string): Cursor | null {
  const match = /^([a-z0-9]{1,32})~(\d{1,20})-(\d{1,20})$/.exec(text);
  if (!match) return null;
  const [, epoch = "", ms = "", sequence = ""] = match;
  // A larger number is no stream id: Redis would refuse it, however often it is asked.
  if (BigInt(ms) > MAX_UINT64 || BigInt(sequence) > MAX_UINT64) return null;
  return { epoch, id: `${ms}-${sequence}` };
}

/** Negative, zero or positive as `a` is before, at or after `b`; stream ids compare as two integers. */
export function compareStreamIds(a: string, b: string): number {
  const [ams = "0", aseq = "0"] = a.split("-");
  const [bms = "0", bseq = "0"] = b.split("-");
  const byTime = BigInt(ams) - BigInt(bms);
  const order = byTime !== 0n ? byTime : BigInt(aseq) - BigInt(bseq);
  return order < 0n ? -1 : order > 0n ? 1 : 0;
}

/** Real time at which an event came into the log, ms, as its cursor says it; NaN where the cursor cannot be read. */
export function loggedAt(cursor: string): number {
  return Number(parseCursor(cursor)?.id.split("-")[0] ?? Number.NaN);
}
