import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { simulateCommand } from "../../src/commands/simulate.ts";
import { parseSampleLine } from "../../src/model/sample-line.ts";
import { startCli } from "../support/cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hashfall-simulate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<void> {
  const command = simulateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: "user" });
}

describe("hashfall simulate", () => {
  it("writes samples and labels", async () => {
    const [output, labels] = [join(folder, "samples.ndjson"), join(folder, "labels.json")];
    await run("--scenario", "kazakhstan-2022", "--seed", "3", "--output", output, "--labels", labels);
    const lines = readFileSync(output, "utf8").trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(30_000);
    const sampled = lines.filter((_, index) => index % 100 === 0);
    expect(sampled.every((line) => parseSampleLine(line).ok)).toBe(true);
    expect(lines.some((line) => line.includes('"backfilled"'))).toBe(false);
    expect(JSON.parse(readFileSync(labels, "utf8"))).toMatchObject({
      scenario: "kazakhstan-2022",
      seed: 3,
      label: expect.stringMatching(/^RECONSTRUCTION/),
      events: [
        { region: "KZ", start: "2022-01-05T10:30:00Z", drop: expect.any(Number), rampMinutes: expect.any(Number) },
      ],
    });
  });

  it.each([
    [["--scenario", "mars-2040"], /kazakhstan-2022, crackdown-2022, china-2021, calm/],
    [["--seed", "one"], /whole number/],
    [["--serve", "--speed", "0"], /above 0/],
    [["--serve", "--start", "yesterday"], /ISO 8601/],
    [["--start", "2022-01-05T08:00:00Z"], /--serve only/],
    [["--output", "-", "--labels", "-"], /both go to standard output/],
    [["--output", "/nowhere/at/all.ndjson"], /cannot be written/],
  ])("refuses %j and says what is allowed", async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });

  it("serves until told to end, and says where in one line", async () => {
    const cli = startCli([
      "simulate",
      "--scenario",
      "calm",
      "--seed",
      "2",
      "--serve",
      "--speed",
      "60",
      "--idle-exit",
      "60",
    ]);
    const [line] = await cli.says(/\{.*\}/);
    const said: unknown = JSON.parse(line);
    expect(said).toMatchObject({ scenario: "calm", seed: 2, speed: 60, pid: cli.pid });
    const { url } = said as { url: string };
    expect(await (await fetch(`${url}/sim/clock`)).json()).toMatchObject({ scenario: "calm", seed: 2 });
    expect(await cli.stop("SIGTERM")).toBe(0);
  });
});
