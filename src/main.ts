#!/usr/bin/env node
import { runProgram } from "./commands/program.ts";
/** argv -> command -> exit status: 0 done, 1 the caller's mistake, 75 try again. */
import { failureOf } from "./runtime/exit.ts";

const debug = (process.env.HASHFALL_DEBUG ?? "") !== "";

/** Whoever read our output has gone (`| head`): nothing is wrong, and nothing more to say. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
}

function fail(error: unknown): void {
  const { status, text } = failureOf(error, { debug });
  if (text !== "") process.stderr.write(text);
  process.exitCode = status;
}

/** A bug that nobody caught: state is unknown, so the process ends and its supervisor starts a clean one. */
process.on("uncaughtException", (error) => {
  fail(error);
  process.exit();
});

try {
  await runProgram(process.argv.slice(2));
} catch (error) {
  fail(error);
  // What a failed command left open must not keep the process: output has this long to be written.
  setTimeout(() => process.exit(), 2000).unref();
}
