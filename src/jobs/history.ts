/** History as NDJSON lines, from a file or a stream, as rows. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { HashfallError, messageOf } from "../model/errors.ts";
import type { Sample } from "../model/sample.ts";
import { BACKUP_PREFIX, parseSampleLine } from "../model/sample-line.ts";

/**
 * Rows of a stream of NDJSON, one at a time. A line that cannot be used is told to `onSkipped` and left out.
 *
 * Throws `HashfallError` HISTORY_UNREADABLE when the stream breaks.
 */
export async function* readSamples(
  stream: NodeJS.ReadableStream,
  onSkipped: (lineNumber: number, why: string) => void,
): AsyncGenerator<Sample> {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      // A segment of a backup holds the samples beside what only a restore reads.
      if (line.trim() === "" || line.startsWith(BACKUP_PREFIX)) continue;
      const parsed = parseSampleLine(line);
      if (!parsed.ok) onSkipped(number, parsed.why);
      else if (parsed.sample.kind !== "tick") yield parsed.sample;
    }
  } catch (error) {
    throw new HashfallError("HISTORY_UNREADABLE", `history: ${messageOf(error)} after line ${number}`, {
      cause: error,
    });
  } finally {
    lines.close();
  }
}

/** The rows of a file, as `readSamples`. */
export function readSampleFile(
  path: string,
  onSkipped: (lineNumber: number, why: string) => void,
): AsyncGenerator<Sample> {
  return readSamples(createReadStream(path), onSkipped);
}
