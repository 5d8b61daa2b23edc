/** Entry of the simulator's own process: options as one JSON argument, one JSON line on standard output when ready. */
import { z } from "zod";
import { failureOf } from "../runtime/exit.ts";
import { serveUntilStopped } from "./serve-process.ts";

const options = z.strictObject({
  scenario: z.string(),
  seed: z.number().int(),
  speed: z.number().positive(),
  start: z.number().optional(),
  idleExitMs: z.number().positive().optional(),
});

try {
  const { start, idleExitMs, ...given } = options.parse(JSON.parse(process.argv[2] ?? "null"));
  await serveUntilStopped({
    ...given,
    ...(start === undefined ? {} : { start }),
    ...(idleExitMs === undefined ? {} : { idleExitMs }),
  });
} catch (error) {
  const { status, text } = failureOf(error, { debug: false });
  process.stderr.write(text);
  process.exitCode = status;
}
