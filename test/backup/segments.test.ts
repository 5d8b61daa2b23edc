/** The ring of files that a backup is kept in. */
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Segments } from "../../src/backup/segments.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "hf-segments-"));
  folders.push(made);
  return made;
}

async function ring(maxBytes = 10_000, at = folder()) {
  const segments = new Segments({ folder: at, maxBytes });
  await segments.prepare();
  return { at, segments };
}

async function linesOf(segments: Segments, name: string) {
  const lines: { text: string; isTorn: boolean }[] = [];
  for await (const line of segments.read(name)) lines.push(line);
  return lines;
}

describe("a ring of segments", () => {
  it("gives back what was written, the newest segment first", async () => {
    const { segments } = await ring();
    await segments.begin("one\n", 1_000);
    await segments.append("two\nthree\n");
    await segments.begin("four\n", 2_000);
    const [newest = "", older = ""] = await segments.list();
    expect(await linesOf(segments, newest)).toEqual([{ text: "four", isTorn: false }]);
    expect((await linesOf(segments, older)).map(({ text }) => text)).toEqual(["one", "two", "three"]);
    await segments.close();
  });

  it("never holds more than allowed, and always the segment that is written", async () => {
    const { at, segments } = await ring(1_000);
    for (let n = 0; n < 20; n++) {
      await segments.begin(`${"x".repeat(299)}\n`, 1_000 + n);
      const bytes = readdirSync(at).reduce((sum, name) => sum + statSync(join(at, name)).size, 0);
      expect(bytes).toBeLessThanOrEqual(1_000);
    }
    expect(await segments.list()).toHaveLength(3);
    await segments.close();
  });

  it("keeps folder and files to its user, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      const { at, segments } = await ring(10_000, join(folder(), "made", "here"));
      await segments.begin("a\n", 1);
      expect(statSync(at).mode & 0o777).toBe(0o700);
      expect(readdirSync(at).map((name) => statSync(join(at, name)).mode & 0o777)).toEqual([0o600]);
      await segments.close();
    } finally {
      process.umask(before);
    }
  });

  it("tells a line that was cut off from one that was not", async () => {
    const { at, segments } = await ring();
    await segments.begin("whole\n", 1);
    await segments.close();
    const [name = ""] = await segments.list();
    appendFileSync(join(at, name), "tor");
    expect(await linesOf(segments, name)).toEqual([
      { text: "whole", isTorn: false },
      { text: "tor", isTorn: true },
    ]);
  });

  it("neither reads nor deletes what is not its own: links, other names, folders", async () => {
    const { at, segments } = await ring(100);
    const outside = join(folder(), "victim");
    writeFileSync(outside, "keep\n");
    symlinkSync(outside, join(at, "hashfall-backup-20220105T103000000Z-00000000.ndjson"));
    writeFileSync(join(at, "notes.txt"), "y".repeat(500));
    await segments.begin(`${"x".repeat(90)}\n`, 2);
    await segments.begin(`${"x".repeat(90)}\n`, 3);
    expect(await segments.list()).toHaveLength(1);
    expect(readFileSync(outside, "utf8")).toBe("keep\n");
    expect(readdirSync(at)).toContain("notes.txt");
    await expect(linesOf(segments, "hashfall-backup-20220105T103000000Z-00000000.ndjson")).rejects.toThrow(/ELOOP/);
    await segments.close();
  });

  it("does not read a file that is larger than the whole ring may be", async () => {
    const { at, segments } = await ring(1_000);
    const name = "hashfall-backup-20220105T103000000Z-00000000.ndjson";
    writeFileSync(join(at, name), "z".repeat(2_000));
    await expect(linesOf(segments, name)).rejects.toThrow(/larger/);
  });

  it("begins a new segment after one that could not be written", async () => {
    const { segments } = await ring();
    await expect(segments.append("x\n")).rejects.toThrow(/no segment/);
    await segments.begin("a\n", 1);
    await segments.append("b\n");
    expect(segments.bytes).toBe(4);
    await segments.close();
    expect(segments.bytes).toBe(0);
  });
});
