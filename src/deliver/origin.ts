/**
 * Which requests are meant for us. The Host check stops a foreign name that was rebound to this address; the Origin check
 * stops a page of another site from writing or from opening the WebSocket with a visitor's reach.
 */
import { isIP } from "node:net";

export interface OriginRules {
  /** Name or address that the server was told to bind. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

const LOOPBACK_NAMES = new Set(["localhost", "localhost.localdomain", "ip6-localhost"]);

/** Host without its port, lower case, brackets off; null when it cannot be read. */
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
 * Whether a Host header is answered: an address, a name without a dot (no public site has one), a configured name.
 * Rebinding needs a public name, and that is what is refused.
 */
export function hostAllowed(header: string | undefined, rules: OriginRules): boolean {
  const name = hostName(header);
  if (name === null) return false;
  if (isIP(name) !== 0 || !name.includes(".") || isLoopback(name)) return true;
  return [rules.host, ...rules.allowedHosts].some((allowed) => allowed.toLowerCase() === name);
}

/** Whether an Origin may write or open the socket: none (not a browser), the page's own, or a configured one. */
export function originAllowed(origin: string | undefined, host: string | undefined, rules: OriginRules): boolean {
  if (origin === undefined) return true;
  if (rules.allowedOrigins.includes(origin)) return true;
  const own = (host ?? "").toLowerCase();
  return own !== "" && (origin === `http://${own}` || origin === `https://${own}`);
}
