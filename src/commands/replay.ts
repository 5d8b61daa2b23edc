/** `hashfall replay`: history from NDJSON through the detector, alerts out as NDJSON. No Redis, constant memory. */
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { Command } from "commander";
import { loadConfigFile } from "../config/load.ts";
import { calibrationLines } from "../detect/replay/calibration.ts";
import { makeReplay, type Replay, type ReplayCounts } from "../detect/replay/replay.ts";
import { HashfallError, messageOf } from "../model/errors.ts";

export interface ReplayOptions {
  readonly config: string;
  readonly input: string;
  readonly output: string;
  readonly calibrate?: boolean;
  /** Where the bundles that `hashfall explain` reads go, NDJSON. */
  readonly bundles?: string;
}

export interface ReplayDeps {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** A longer line is no sample; what is over this is dropped as it comes, so that memory stays constant. */
const LONGEST_LINE = 65_536;
/** Refused lines that are named one by one; the rest are counted. */
const NAMED = 50;
const PROGRESS_MS = 200;

/** Splits chunks into lines; a line over the limit is cut, and then refused as the broken JSON that it is. */
function lineSplitter(each: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const feed = (text: string): void => {
    let from = 0;
    for (;;) {
      const to = text.indexOf("\n", from);
      if (to < 0) break;
      each(rest + text.slice(from, to));
      rest = "";
      from = to + 1;
    }
    if (rest.length < LONGEST_LINE) rest += text.slice(from, from + LONGEST_LINE);
  };
  return {
    write: (chunk) => feed(decoder.write(chunk)),
    end: () => {
      feed(decoder.end());
      if (rest.length > 0) each(rest);
    },
  };
}

interface Sink {
  write(text: string): void;
  drained(): Promise<void>;
  close(): Promise<void>;
}

/** Lines to a file or a stream, with waiting where the other side is slower. */
function sinkTo(stream: NodeJS.WritableStream, owned: boolean): Sink {
  let full = false;
  let failed: Error | undefined;
  stream.on("error", (error: Error) => {
    failed = error;
  });
  const check = (): void => {
    if (failed) throw new HashfallError("OUTPUT_FAILED", `the output cannot be written: ${failed.message}`);
  };
  return {
    write: (text) => {
      check();
      full = !stream.write(text) || full;
    },
    drained: async () => {
      check();
      if (!full) return;
      full = false;
      await new Promise<void>((resolve) => {
        stream.once("drain", resolve);
        stream.once("error", () => resolve());
      });
      check();
    },
    close: () =>
      new Promise<void>((resolve, reject) => {
        if (!owned) {
          stream.write("", () => resolve());
          return;
        }
        stream.once("error", reject);
        (stream as WriteStream).end(() => resolve());
      }),
  };
}

function openOutput(path: string, deps: ReplayDeps): Sink {
  return path === "-" ? sinkTo(deps.stdout, false) : sinkTo(createWriteStream(path), true);
}

function progress(deps: ReplayDeps, total: number): (bytes: number, replay: Replay, last?: boolean) => void {
  if (deps.stderr.isTTY !== true) return () => {};
  const began = performance.now();
  let shown = 0;
  return (bytes, replay, last = false) => {
    const now = performance.now();
    if (!last && now - shown < PROGRESS_MS) return;
    shown = now;
    const seconds = Math.max(0.001, (now - began) / 1000);
    const rate = `${Math.round(replay.counts.samples / seconds).toLocaleString("en")} samples/s`;
    const part = total > 0 ? Math.min(1, bytes / total) : 0;
    const filled = Math.round(part * 30);
    const bar = total > 0 ? `[${"#".repeat(filled)}${"-".repeat(30 - filled)}] ${(part * 100).toFixed(0)} % ` : "";
    deps.stderr.write(
      `\r${bar}${replay.counts.samples.toLocaleString("en")} samples, ${rate}\u001b[K${last ? "\n" : ""}`,
    );
  };
}

function summary(counts: ReplayCounts, named: number): string {
  const list = (of: Record<string, number>): string =>
    Object.entries(of)
      .map(([reason, count]) => `${reason} ${count}`)
      .join(", ");
  const skipped = Object.values(counts.skipped).reduce((a, b) => a + b, 0);
  const lines = [`${counts.lines} lines, ${counts.samples} samples, ${counts.ticks} ticks`];
  if (skipped > 0) lines.push(`skipped ${skipped} lines: ${list(counts.skipped)}`);
  if (named > NAMED) lines.push(`(the first ${NAMED} of ${named} skipped lines are named above)`);
  if (Object.keys(counts.rejected).length > 0) lines.push(`the quality gate refused: ${list(counts.rejected)}`);
  return `${lines.join("\n")}\n`;
}

async function sizeOf(path: string): Promise<number> {
  if (path === "-") return 0;
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : 0;
  } catch (error) {
    throw new HashfallError("INPUT_UNREADABLE", `${path}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Runs a replay to its end.
 *
 * @throws `HashfallError` for a configuration, input or output that cannot be used; never for a bad line
 */
export async function replay(options: ReplayOptions, deps: ReplayDeps): Promise<ReplayCounts> {
  const config = await loadConfigFile(options.config, { offline: true });
  const total = await sizeOf(options.input);
  const output = openOutput(options.output, deps);
  const bundles = options.bundles === undefined ? undefined : openOutput(options.bundles, deps);
  let named = 0;
  const run = makeReplay(
    config.networks.map((network) => network.model),
    {
      event: (event) => output.write(`${JSON.stringify(event)}\n`),
      ...(bundles ? { bundle: (bundle) => bundles.write(`${JSON.stringify(bundle)}\n`) } : {}),
      refused: (line, why) => {
        named += 1;
        if (named <= NAMED) deps.stderr.write(`line ${line} skipped: ${why}\n`);
      },
    },
  );
  const show = progress(deps, total);
  const split = lineSplitter((line) => run.line(line));
  const input = options.input === "-" ? deps.stdin : createReadStream(options.input, { highWaterMark: 1 << 18 });
  let bytes = 0;
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    const buffer = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    bytes += buffer.length;
    split.write(buffer);
    await output.drained();
    show(bytes, run);
  }
  split.end();
  const counts = run.end();
  show(bytes, run, true);
  await output.close();
  await bundles?.close();
  deps.stderr.write(summary(counts, named));
  if (options.calibrate === true) {
    for (const network of config.networks) deps.stderr.write(`${calibrationLines(counts, network.model).join("\n")}\n`);
  }
  return counts;
}

export function replayCommand(): Command {
  return new Command("replay")
    .summary("history through the detector: samples in, alerts out")
    .description(
      "Reads samples (NDJSON), runs them through the same detector as the live service, and writes the alerts (NDJSON). Lines that cannot be used are named on standard error, counted and skipped.",
    )
    .requiredOption("--config <file>", "configuration; pools with weights are enough")
    .requiredOption("--input <file>", "samples, NDJSON; - is standard input")
    .requiredOption("--output <file>", "alerts, NDJSON; - is standard output")
    .option("--calibrate", "say how many regional alerts opened per 30 days, for a history without events")
    .option("--bundles <file>", "write what `hashfall explain` reads, NDJSON")
    .action(async (options: ReplayOptions) => {
      const { stdin, stdout, stderr } = process;
      await replay(options, { stdin, stdout, stderr });
    });
}
