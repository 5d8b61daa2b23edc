/**
 * A ring of NDJSON files in one folder: a segment begins with where everything stood, and goes on with what came after.
 * The oldest segments are deleted when all of them together are larger than allowed. Several processes may share a folder:
 * each writes segments of its own.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../store/embedded/folder-lock.ts";

const NAME = /^hashfall-backup-\d{8}T\d{9}Z-[0-9a-f]{8}\.ndjson(?:\.part)?$/;
const PART = ".part";
const READ_BYTES = 64 * 1024;

export interface SegmentFolder {
  readonly folder: string;
  /** Of all segments together; the one that is being written is never deleted. */
  readonly maxBytes: number;
}

export interface SegmentLine {
  readonly text: string;
  /** The file ends without a newline after it: whoever wrote it was cut off. */
  readonly isTorn: boolean;
}

export class Segments {
  readonly #options: SegmentFolder;
  #file: FileHandle | null = null;
  #name = "";
  #bytes = 0;

  constructor(options: SegmentFolder) {
    this.#options = options;
  }

  /** Bytes of the segment that is being written; 0 when none is. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Makes the folder, mode 700. Rejects when it cannot be made or is no folder. */
  async prepare(): Promise<void> {
    makeFolder(this.#options.folder);
    await readdir(this.#options.folder);
  }

  /** Names of complete segments, the newest first. Links and whatever else lies in the folder are left out. */
  async list(): Promise<string[]> {
    const files = await this.#files();
    return files.map(({ name }) => name).filter((name) => !name.endsWith(PART));
  }

  /** Lines of a segment. Rejects when it is a link or no regular file. */
  async *read(name: string): AsyncGenerator<SegmentLine> {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(join(this.#options.folder, name), flags);
    try {
      const { size } = await file.stat();
      if (size > this.#options.maxBytes) throw new Error(`${name} is larger than the whole backup may be`);
      const decoder = new TextDecoder();
      const buffer = Buffer.alloc(READ_BYTES);
      let rest = "";
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
        if (bytesRead === 0) break;
        const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const text of lines) yield { text, isTorn: false };
      }
      if (rest !== "") yield { text: rest, isTorn: true };
    } finally {
      await file.close();
    }
  }

  /** Begins a segment. It has its name only when its head is on the disk, so no segment begins torn. */
  async begin(head: string, now: number): Promise<void> {
    await this.close();
    const { folder } = this.#options;
    await this.#makeRoomFor(Buffer.byteLength(head));
    const time = new Date(now).toISOString().replaceAll(/[-:.]/g, "");
    const name = `hashfall-backup-${time}-${randomBytes(4).toString("hex")}.ndjson`;
    const part = join(folder, name + PART);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_NOFOLLOW;
    const file = await open(part, flags, 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(head);
      await file.datasync();
      await rename(part, join(folder, name));
    } catch (error) {
      await file.close();
      await unlink(part).catch(() => undefined);
      throw error;
    }
    this.#file = file;
    this.#name = name;
    this.#bytes = Buffer.byteLength(head);
  }

  /** Adds to the segment, and returns when it is on the disk. After a failure the segment is closed: its end may be torn. */
  async append(text: string): Promise<void> {
    if (this.#file === null) throw new Error("no segment was begun");
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
      this.#bytes += Buffer.byteLength(text);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    this.#name = "";
    this.#bytes = 0;
    await file?.close();
  }

  async #makeRoomFor(bytes: number): Promise<void> {
    const { folder, maxBytes } = this.#options;
    const files = await this.#files();
    let total = bytes + files.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size } of files.toReversed()) {
      if (total <= maxBytes) return;
      if (name === this.#name) continue;
      await unlink(join(folder, name));
      total -= size;
    }
  }

  async #files(): Promise<{ name: string; size: number }[]> {
    const { folder } = this.#options;
    const names = (await readdir(folder))
      .filter((name) => NAME.test(name))
      .toSorted()
      .toReversed();
    const found: { name: string; size: number }[] = [];
    for (const name of names) {
      const stat = await lstat(join(folder, name)).catch(() => null);
      if (stat?.isFile()) found.push({ name, size: stat.size });
    }
    return found;
  }
}
