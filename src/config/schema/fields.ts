/** Fields that many sections of the configuration share. */
import { z } from "zod";
import { DURATION_PATTERN, parseDuration } from "./durations.ts";

/** A duration as text, like `5m`; converted where the configuration is resolved. */
export function duration(range: { atLeast: string; atMost: string }) {
  const least = parseDuration(range.atLeast) ?? 0;
  const most = parseDuration(range.atMost) ?? Number.POSITIVE_INFINITY;
  const error = `a duration from ${range.atLeast} to ${range.atMost}, like 300s, 5m, 1h or 30d`;
  return z
    .string({ error })
    .regex(DURATION_PATTERN, { error, abort: true })
    .refine(
      (text) => {
        const ms = parseDuration(text);
        return ms !== null && ms >= least && ms <= most;
      },
      { error, abort: true },
    );
}

/** 0 to 1; percent are a common mistake, so the message says it. */
export const fraction = z
  .number({ error: "a number from 0 to 1" })
  .min(0, "a number from 0 to 1")
  .max(1, "a number from 0 to 1 (0.35 for 35 %)");
