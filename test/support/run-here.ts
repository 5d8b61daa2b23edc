/** A command as `hashfall` runs it, but in this process: the start of a process costs a second of processor. */
import { vi } from "vitest";
import { runProgram } from "../../src/commands/program.ts";
import { EXIT_OK, failureOf } from "../../src/runtime/exit.ts";

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param folder where the command is run: what it says of files is relative to it */
export async function runHere(folder: string, args: readonly string[]): Promise<Ran> {
  const ran = { status: EXIT_OK, out: "", err: "" };
  const hear = (stream: NodeJS.WriteStream, name: "out" | "err") =>
    vi.spyOn(stream, "write").mockImplementation((text) => {
      ran[name] += String(text);
      return true;
    });
  const heard = [hear(process.stdout, "out"), hear(process.stderr, "err")];
  const before = process.cwd();
  process.chdir(folder);
  try {
    await runProgram(args);
  } catch (error) {
    const { status, text } = failureOf(error, { debug: false });
    ran.status = status;
    ran.err += text;
  } finally {
    process.chdir(before);
    for (const each of heard) each.mockRestore();
  }
  return ran;
}
