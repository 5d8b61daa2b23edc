/**
 * Checks of Host and Origin. The Host check stops DNS rebinding: a foreign name that points to this address. The Origin check
 * stops a page of another site from writing or opening the WebSocket through its visitor's browser.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";

export interface OriginRules {
  /** Name or address that the server was told to bind. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** The URL under which people reach the service. Its host and origin are allowed. */
  readonly publicUrl?: string | undefined;
}

const LOOPBACK_NAMES = new Set(["localhost", "localhost.localdomain", "ip6-localhost"]);

/** Host without port and brackets, in lower case; null when it cannot be parsed. */
export function hostName(header: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? "");
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return LOOPBACK_NAMES.has(name) || name === "::1" || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/**
 * Whether a Host header is allowed: an address, a loopback name, this machine's own name, or a configured one (`host`,
 * `allowedHosts`, the host of `publicUrl`). A stranger may have pointed any other name at this address, also one without a
 * dot.
 */
export function hostAllowed(header: string | undefined, rules: OriginRules): boolean {
  const name = hostName(header);
  if (name === null) return false;
  if (isIP(name) !== 0 || isLoopback(name)) return true;
  const publicHost = rules.publicUrl === undefined ? [] : [new URL(rules.publicUrl).hostname];
  const ours = [hostname(), rules.host, ...publicHost, ...rules.allowedHosts.map((allowed) => hostName(allowed) ?? "")];
  return ours.some((allowed) => allowed.toLowerCase() === name);
}

/** Whether an Origin may write or open the socket: absent (no browser), the page's own, `publicUrl`'s, or a configured one. */
export function originAllowed(origin: string | undefined, host: string | undefined, rules: OriginRules): boolean {
  if (origin === undefined) return true;
  if (rules.allowedOrigins.includes(origin)) return true;
  if (rules.publicUrl !== undefined && origin === new URL(rules.publicUrl).origin) return true;
  const own = (host ?? "").toLowerCase();
  return own !== "" && (origin === `http://${own}` || origin === `https://${own}`);
}

/** Headers that proxies add. */
const PROXY_HEADER = /^(?:forwarded|via|x-forwarded(?:-.+)?|x-(?:real|client)-ip|(?:cf-connecting|true-client)-ip)$/;

/**
 * The sign that a request came through a proxy, and so perhaps from the internet, whatever address is bound; null without
 * one. HTTP/1.0 counts as a sign: browsers and programs use 1.1, and some proxies use 1.0 by default.
 */
export function proxySign(headers: IncomingHttpHeaders, httpVersion: string): string | null {
  const header = Object.keys(headers).find((name) => PROXY_HEADER.test(name));
  return header ?? (httpVersion === "1.0" ? "HTTP/1.0" : null);
}

/** Path of `publicUrl` without a trailing slash: `/hashfall`, or empty. A proxy may leave it in front of every path. */
export function basePath(publicUrl: string | undefined): string {
  return publicUrl === undefined ? "" : new URL(publicUrl).pathname.replace(/\/+$/, "");
}
