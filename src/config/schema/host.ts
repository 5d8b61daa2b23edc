/** Addresses and names as somebody binds them. */
import { isIPv6 } from "node:net";

/** `[::1]` is `::1` to whoever binds it. */
export function bareHost(host: string): string {
  const inner = /^\[(.*)\]$/.exec(host)?.[1];
  return inner !== undefined && isIPv6(inner) ? inner : host;
}

/** Whether it may be bound: an address or a name, without brackets, port or path. */
export function isHost(host: string): boolean {
  return host !== "" && !/[\s/[\]]/.test(host) && (!host.includes(":") || isIPv6(host));
}
