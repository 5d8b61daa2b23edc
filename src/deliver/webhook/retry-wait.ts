const FIRST_MS = 2_000;
const LONGEST_MS = 2 * 3_600_000;

/**
 * The wait after failed attempt number `attempt` (1 is the first), ms: doubling from 2 s to 2 h, half of it random, so that a
 * receiver that came back does not get everything at once. Never shorter than the receiver asked for.
 */
export function retryWaitMs(attempt: number, askedMs: number | undefined, firstMs = FIRST_MS): number {
  const ceiling = Math.min(LONGEST_MS, firstMs * 2 ** (attempt - 1));
  return Math.max(askedMs ?? 0, Math.round(ceiling / 2 + (Math.random() * ceiling) / 2));
}
