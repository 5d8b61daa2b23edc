/** Structured logs. error: somebody must act; warn: something is limited and said once; info: life cycle; debug: each tick. */
import { type Logger, pino } from "pino";
import { foreignError } from "./foreign-error.ts";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** Keys whose values never reach a log, wherever they stand. */
const SECRETS = [
  "token",
  "password",
  "secret",
  "authorization",
  "*.token",
  "*.password",
  "*.secret",
  "*.authorization",
];

/** JSON lines on standard error: standard output belongs to what a command was asked for. */
export function makeLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: "[redacted]" },
      serializers: { err: (error: Error) => pino.stdSerializers.err(foreignError(error) ?? error) },
    },
    pino.destination({ dest: 2, sync: false }),
  );
}
