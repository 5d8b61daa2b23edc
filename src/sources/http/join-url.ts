/** The URL of a request from a source's `url` and the path that its type asks for. */

export interface Target {
  /** Without user and password, which no request line may carry. */
  readonly url: string;
  /** `Basic ...` where the URL names a user; it goes to that host alone. */
  readonly authorization?: string;
}

/**
 * Joins a base URL and a path. A query of the base (`?key=...`) stays behind the joined path, together with the path's
 * own; a fragment is dropped. An empty path is the base itself, as it was written.
 *
 * @param path begins with a slash, or is empty, or is a whole URL, which then stands alone
 */
export function joinUrl(base: string, path: string): Target {
  if (/^https?:\/\//.test(path)) return withoutLogin(new URL(path));
  const url = new URL(base);
  if (path !== "") {
    const own = new URL(path, "http://path.invalid");
    url.pathname = `${url.pathname.replace(/\/+$/, "")}${own.pathname}`;
    for (const [name, value] of own.searchParams) url.searchParams.append(name, value);
  }
  return withoutLogin(url);
}

function withoutLogin(url: URL): Target {
  url.hash = "";
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (username === "" && password === "") return { url: url.href };
  const login = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64");
  return { url: url.href, authorization: `Basic ${login}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
