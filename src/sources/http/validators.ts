/** What conditional requests remember: ETag and Last-Modified per URL, for a bounded number of URLs. */

const MAX_URLS = 1000;

export class Validators {
  private readonly byUrl = new Map<string, Readonly<Record<string, string>>>();

  /** The headers that ask for the document only if it changed; empty when nothing is remembered. */
  conditions(url: string): Readonly<Record<string, string>> {
    return this.byUrl.get(url) ?? {};
  }

  remember(url: string, responseHeaders: Readonly<Record<string, string>>): void {
    this.byUrl.delete(url);
    const conditions: Record<string, string> = {};
    const { etag, "last-modified": lastModified } = responseHeaders;
    if (etag) conditions["if-none-match"] = etag;
    if (lastModified) conditions["if-modified-since"] = lastModified;
    if (!etag && !lastModified) return;
    this.byUrl.set(url, conditions);
    const oldest = this.byUrl.keys().next();
    if (this.byUrl.size > MAX_URLS && !oldest.done) this.byUrl.delete(oldest.value);
  }

  forget(url: string): void {
    this.byUrl.delete(url);
  }
}
