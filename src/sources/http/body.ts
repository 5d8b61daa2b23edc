/** Reads a body within limits, before and after decompression. */
import { pipeline, type Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

export const TOO_LARGE = "HASHFALL_TOO_LARGE";
export const BAD_ENCODING = "HASHFALL_BAD_ENCODING";

/** What we accept; also the value of `accept-encoding`. */
export const ENCODINGS = "gzip, deflate, br";

/**
 * The decompressed body, at most `maxBytes`. A gzip bomb ends after `maxBytes`: the decompressor is read piece by piece
 * and destroyed with its socket. (undici's own interceptor for this still calls itself experimental, on standard error.)
 *
 * Rejects with code `HASHFALL_TOO_LARGE`, `HASHFALL_BAD_ENCODING`, or whatever the socket or zlib says.
 */
export async function readBody(body: Readable, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const decoder = decoderOf(encoding);
  const stream: Readable = decoder ? pipeline(body, decoder, () => {}) : body;
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw coded(TOO_LARGE, `body is larger than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function decoderOf(encoding: string | undefined): Transform | null {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case "":
    case "identity":
      return null;
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      throw coded(BAD_ENCODING, `content-encoding ${encoding} was not asked for`);
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
