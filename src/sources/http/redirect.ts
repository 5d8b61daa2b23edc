/** Where a redirect leads, or why it is not followed. */
import type { HttpFailure } from "./contract.ts";
import type { HopResponse } from "./transport.ts";

export const MAX_REDIRECTS = 3;

/**
 * The next URL. Refused: no usable `Location`, another scheme than http(s), a step down from https to http, and
 * anything but GET (a POST body may hold secrets). The address behind the URL is checked when it is connected to.
 */
export function followRedirect(
  from: URL,
  response: HopResponse,
  method: string,
): { readonly kind: "redirect"; readonly url: URL } | HttpFailure {
  const refuse = (why: string): HttpFailure => ({
    kind: "error",
    class: "redirect",
    httpStatus: response.status,
    detail: `redirect from ${from.host} not followed: ${why}`,
  });
  const location = response.headers.location;
  if (method !== "GET") return refuse(`a ${method} is not sent elsewhere`);
  if (!location || !URL.canParse(location, from.href)) return refuse("no usable location");
  const url = new URL(location, from.href);
  if (url.protocol !== "https:" && url.protocol !== "http:") return refuse(`scheme ${url.protocol}`);
  if (from.protocol === "https:" && url.protocol === "http:") return refuse("from https to http");
  url.username = "";
  url.password = "";
  return { kind: "redirect", url };
}
