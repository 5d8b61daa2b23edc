/**
 * Refuses private addresses: neither a source's URL, nor the address of its name, nor a redirect may lead to a private
 * network.
 */
import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

export const PRIVATE_ADDRESS = "HASHFALL_PRIVATE_ADDRESS";

/** True for addresses of the public internet only: not loopback, private, link-local, carrier NAT, reserved, mapped, ... */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // process() unwraps IPv4 in IPv6, so ::ffff:10.0.0.1 is checked as 10.0.0.1.
  return ipaddr.process(address).range() === "unicast";
}

/** The address of a URL that names no host but an address (`10.0.0.1`, `[::1]`); null for names. */
export function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return isIP(bare) ? bare : null;
}

/**
 * A lookup for sockets that fails when ANY address of a name is not public. It runs at connect time, so a name that is
 * re-bound between a check and the connection gains nothing.
 */
export function publicOnlyLookup(lookup: LookupFunction = systemLookup as LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "", 0);
      const addresses = found as LookupAddress[];
      const refused = addresses.find((entry) => !isPublicAddress(entry.address));
      if (refused || addresses.length === 0) {
        const problem: NodeJS.ErrnoException = new Error(`${hostname} is at a private address`);
        problem.code = PRIVATE_ADDRESS;
        return callback(problem, "", 0);
      }
      if (options.all) return (callback as (e: null, a: LookupAddress[]) => void)(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}
