/** Reads a body within limits, before and after decompression. */
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from "node:zlib";

export const TOO_LARGE = "HASHFALL_TOO_LARGE";
export const BAD_ENCODING = "HASHFALL_BAD_ENCODING";

/** What we accept; also the value of `accept-encoding`. */
export const ENCODINGS = "gzip, deflate, br";

type Decompress = (body: Buffer, options: ZlibOptions) => Promise<Buffer>;

const DECOMPRESS: Readonly<Record<"gzip" | "inflate" | "inflateRaw" | "brotli", Decompress>> = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  inflate: promisify<Buffer, ZlibOptions, Buffer>(inflate),
  inflateRaw: promisify<Buffer, ZlibOptions, Buffer>(inflateRaw),
  brotli: promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress),
};

/**
 * The decompressed body, at most `maxBytes` before and after decompression, which runs outside the event loop.
 *
 * Rejects with code `HASHFALL_TOO_LARGE`, `HASHFALL_BAD_ENCODING`, or whatever the socket or zlib says.
 */
export async function readBody(body: Readable, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (!["", "identity", "gzip", "x-gzip", "deflate", "br"].includes(name)) {
    throw coded(BAD_ENCODING, `content-encoding ${encoding} was not asked for`);
  }
  const bytes = await collect(body, maxBytes);
  const decompress = decompressorOf(name, bytes);
  if (decompress === null || bytes.length === 0) return bytes;
  try {
    return await decompress(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw error;
  }
}

async function collect(body: Readable, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function decompressorOf(name: string, bytes: Buffer): Decompress | null {
  if (name === "gzip" || name === "x-gzip") return DECOMPRESS.gzip;
  if (name === "br") return DECOMPRESS.brotli;
  // Some servers send `deflate` without the zlib header that RFC 9110 asks for; browsers read both.
  if (name === "deflate") return hasZlibHeader(bytes) ? DECOMPRESS.inflate : DECOMPRESS.inflateRaw;
  return null;
}

/** The two bytes that begin a zlib stream (RFC 1950): method 8, and a multiple of 31. */
function hasZlibHeader(bytes: Buffer): boolean {
  return bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
}

function tooLarge(maxBytes: number): Error {
  return coded(TOO_LARGE, `body is larger than ${maxBytes} bytes`);
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
