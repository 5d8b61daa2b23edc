import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainText } from "../../src/commands/explain/bundle-text.ts";
import { replay } from "../../src/commands/replay.ts";
import type { ReplayCounts } from "../../src/detect/replay/replay.ts";
import { formatSampleLine } from "../../src/model/sample-line.ts";
import { POOLS, world } from "./world.ts";

const FALL = { region: "KZ", drop: 0.8, from: 30, until: 34 } as const;
const lines = [...world({ seed: 61, days: 1.65, falls: [FALL] })].flatMap((tick) =>
  tick.rows.map((row) => formatSampleLine(row)),
);

let folder: string;
let config: string;
let clean: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hashfall-replay-"));
  config = join(folder, "config.json");
  const pools = Object.fromEntries(
    POOLS.map(({ id, windowMinutes, weights }) => [id, { window: `${windowMinutes}m`, regions: weights }]),
  );
  await writeFile(config, JSON.stringify({ networks: { bitcoin: { interval: "5m", pools } } }));
  clean = (await ran(lines)).alerts;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Result {
  readonly alerts: string;
  readonly said: string;
  readonly counts: ReplayCounts;
}

async function ran(input: readonly string[], extra: { calibrate?: boolean; bundles?: string } = {}): Promise<Result> {
  const stderr = new PassThrough();
  const said: Buffer[] = [];
  stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const output = join(folder, "out.ndjson");
  const counts = await replay(
    { config, input: "-", output, ...extra },
    { stdin: Readable.from([Buffer.from(`${input.join("\n")}\n`)]), stdout: new PassThrough(), stderr },
  );
  return { alerts: await readFile(output, "utf8"), said: Buffer.concat(said).toString(), counts };
}

describe("replay", () => {
  it("names the region from a file of samples", () => {
    const events = clean
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; region: string | null });
    expect(events.map((event) => [event.type, event.region]).at(0)).toEqual(["opened", "KZ"]);
    expect(events.at(-1)!.type).toBe("resolved");
  });

  it("gives the same alerts for a file with broken lines, and names each with its number and why", async () => {
    const broken = [
      "not json",
      "[1,2]",
      '{"at":"2022-01-01T00:05:00Z","pool":"alpha"}',
      '{"at":"yesterday","pool":"alpha","hashrate":1}',
      '{"at":"2022-01-01T00:05:00Z","pool":"alpha","hashrate":"a lot"}',
      '{"at":"2022-01-01T00:05:00Z","pool":"alpha","hashrate":-5}',
      '{"at":"2022-01-01T00:05:00Z","pool":"nobody","hashrate":5}',
      '{"at":"2022-01-01T00:05:00Z","pool":"alpha","height":1.5,"difficulty":1}',
      '{"at":"2022-01-01T00:05:00Z","pool":"alpha","hashrate":5,"region":"not a code"}',
      "",
    ];
    const { alerts, said, counts } = await ran([...broken, ...lines.slice(0, 500), "{", ...lines.slice(500)]);
    expect(alerts).toBe(clean);
    expect(counts.skipped).toEqual({
      "not-json": 2,
      "not-an-object": 1,
      shape: 1,
      time: 1,
      hashrate: 2,
      "unknown-pool": 1,
      height: 1,
      region: 1,
    });
    expect(said).toContain('line 4 skipped: "at" is "yesterday"');
    expect(said).toContain('line 7 skipped: pool "nobody" is not in the configuration');
  });

  it("gives the same alerts when rows are doubled", async () => {
    const { alerts } = await ran(lines.flatMap((line, k) => (k % 7 === 0 ? [line, line] : [line])));
    expect(alerts).toBe(clean);
  });

  it("puts rows up to two intervals late in order", async () => {
    const late = [...lines];
    for (let k = 100; k + 25 < late.length; k += 400) {
      const [moved] = late.splice(k, 1);
      late.splice(k + 20, 0, moved!);
    }
    const { alerts, counts } = await ran(late);
    expect(counts.skipped).toEqual({});
    expect(alerts).toBe(clean);
  });

  it("counts and skips rows that are later than that", async () => {
    const { counts } = await ran([...lines, lines[0]!]);
    expect(counts.skipped).toEqual({ late: 1 });
  });

  it("is not led astray by one row from the far future", async () => {
    const ahead = lines[0]!.replace("2022", "2031");
    const { alerts, counts } = await ran([...lines.slice(0, 5000), ahead, ...lines.slice(5000)]);
    expect(alerts).toBe(clean);
    expect(counts.skipped).toEqual({ leap: 1 });
  });

  it("says what a history says about the budget when asked to calibrate", async () => {
    const { said } = await ran(lines, { calibrate: true });
    expect(said).toMatch(/bitcoin: 1 regional alerts opened in 0\.6 warm days/);
    expect(said).toMatch(/per 30 days, at most .* with 95 % confidence; budget 0\.1/);
  });

  it("writes bundles that explain computes again", async () => {
    const bundles = join(folder, "bundles.ndjson");
    await ran(lines, { bundles });
    const [first] = (await readFile(bundles, "utf8")).split("\n");
    const text = explainText(JSON.parse(first!));
    expect(text).toMatch(/regions, computed again: KZ 1\.000/);
    expect(text).toMatch(/juliet .* %/);
    expect(text).toMatch(/a region fell, against nothing: \d+\.\d+ \(opens at 10\.\d+\)/);
    expect(text).toContain("natural logarithms of odds");
    expect(text).not.toContain("NOT the same");
  });

  it("says of a bundle whose alert does not follow from it that it does not", async () => {
    const bundles = join(folder, "bundles.ndjson");
    await ran(lines, { bundles });
    const [first] = (await readFile(bundles, "utf8")).split("\n");
    expect(explainText(JSON.parse(first!.replace(/"probability":[\d.]+/, '"probability":0.5')))).toContain(
      "NOT the same",
    );
  });

  it("draws a bar on a terminal, and none elsewhere", async () => {
    const input = join(folder, "in.ndjson");
    await writeFile(input, `${lines.slice(0, 2000).join("\n")}\n`);
    const shown = async (isTTY: boolean): Promise<string> => {
      const stderr = Object.assign(new PassThrough(), { isTTY });
      await replay({ config, input, output: join(folder, "bar.ndjson") }, { stdin: stderr, stdout: stderr, stderr });
      return String(stderr.read());
    };
    expect(await shown(true)).toMatch(/\r\[#{30}\] 100 % 2,000 samples, [\d,]+ samples\/s/);
    expect(await shown(false)).not.toContain("\r");
  });

  it("says which file is missing", async () => {
    const deps = { stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() };
    const missing = { config, input: join(folder, "none.ndjson"), output: "-" };
    await expect(replay(missing, deps)).rejects.toMatchObject({ code: "INPUT_UNREADABLE" });
  });
});
