/** Documents that say what we speak: built once, however often they are asked for. */
import { createHash } from "node:crypto";
import type { Api } from "./api.ts";

/**
 * Answers `path` with the JSON of `build`, which is called at the first request: by then every route is known.
 *
 * @param contentType media type of the document
 */
export function serveDocument(app: Api, path: string, contentType: string, build: () => object): void {
  let built: { readonly text: string; readonly etag: string } | undefined;
  app.get(path, (c) => {
    if (built === undefined) {
      const text = JSON.stringify(build());
      built = { text, etag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
    }
    const headers = { "content-type": contentType, etag: built.etag, "cache-control": "no-cache" };
    // A compressed answer carries the same tag as a weak one.
    const known = (c.req.header("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    if (known.includes(built.etag)) return c.body(null, 304, headers);
    return c.body(built.text, 200, headers);
  });
}
