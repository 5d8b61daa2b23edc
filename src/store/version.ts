/** Which versions of Redis hashfall runs on. */

/** XADD ... MINID, LMOVE and effects replication of scripts; also what BullMQ 6 asks for. */
export const MINIMUM_VERSION = "6.2.0";

/** Whether dotted version `a` is at least `b`. */
export function isAtLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.split(".").map((part) => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
