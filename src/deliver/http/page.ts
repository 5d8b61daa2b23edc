/** The page and its files: read once, compressed when first asked for, and nothing outside the list is ever looked for. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** The best quality takes a hundred times as long for a tenth of the bytes, and the first reader waits for it. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

const COMPRESS = {
  br: (plain: Uint8Array) => promisify(brotliCompress)(plain, BROTLI),
  gzip: (plain: Uint8Array) => promisify(gzip)(plain),
} as const;
type Encoding = keyof typeof COMPRESS;

interface Asset {
  readonly contentType: string;
  readonly etag: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  /** As the wire carries it, once for all who ask. To compress every file at start would take half a second of it. */
  readonly compressed: Partial<Record<Encoding, Promise<Uint8Array<ArrayBuffer>>>>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/** The browser's part of the built code, by folder. */
const FOLDERS = ["ui", "ui/vendor", "client", "model"];

/** Nothing but ourselves: no inline script or style, no frame around us, no request to anybody else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The folder of the built code that this file is part of. */
export function builtDir(): string {
  return fileURLToPath(new URL("../../", import.meta.url));
}

export class Page {
  readonly #assets: ReadonlyMap<string, Asset>;

  private constructor(assets: ReadonlyMap<string, Asset>) {
    this.#assets = assets;
  }

  /** Reads the page's files under `dir`; a folder that is not built gives a page that answers nothing. */
  static async load(dir: string): Promise<Page> {
    const assets = new Map<string, Asset>();
    for (const folder of FOLDERS) {
      const names = await readdir(join(dir, folder)).catch(() => []);
      for (const name of names) {
        const contentType = TYPES[extname(name)];
        if (contentType === undefined || name.endsWith(".map")) continue;
        assets.set(`/${folder}/${name}`, makeAsset(await readFile(join(dir, folder, name)), contentType));
      }
    }
    return new Page(assets);
  }

  get built(): boolean {
    return this.#assets.has("/ui/index.html");
  }

  /** Null when there is no such file. `/` is the page. */
  async answer(path: string, accepts: string, ifNoneMatch: string): Promise<Response | null> {
    const asset = this.#assets.get(path === "/" ? "/ui/index.html" : path);
    if (!asset) return null;
    const headers = new Headers({
      "content-type": asset.contentType,
      etag: asset.etag,
      "cache-control": "no-cache",
      vary: "accept-encoding",
      "content-security-policy": PAGE_POLICY,
    });
    if (ifNoneMatch === asset.etag) return new Response(null, { status: 304, headers });
    const encoding = /\bbr\b/.test(accepts) ? "br" : /\bgzip\b/.test(accepts) ? "gzip" : null;
    if (encoding) headers.set("content-encoding", encoding);
    return new Response(encoding ? await compressed(asset, encoding) : asset.plain, { headers });
  }
}

function makeAsset(plain: Buffer, contentType: string): Asset {
  const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { contentType, etag, plain: new Uint8Array(plain), compressed: {} };
}

function compressed(asset: Asset, encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> {
  asset.compressed[encoding] ??= COMPRESS[encoding](asset.plain).then((buffer) => new Uint8Array(buffer));
  return asset.compressed[encoding];
}
