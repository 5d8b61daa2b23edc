/** Values of options that several commands take. Each throws commander's `InvalidArgumentError`, which says what is allowed. */
import { InvalidArgumentError } from "commander";
import { bareHost, isHost } from "../config/schema/host.ts";

/** 0 takes any free port. */
export function parsePort(text: string): number {
  return wholeNumber(0, 65_535)(text);
}

/** An address or a name to bind, without the brackets that an IPv6 address has in a URL. */
export function parseHost(text: string): string {
  const host = bareHost(text.trim());
  if (!isHost(host))
    throw new InvalidArgumentError("Allowed is an address or a name, like 127.0.0.1, ::1 or localhost.");
  return host;
}

/** A parser of whole numbers within both bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Allowed is a whole number from ${least} to ${most}.`);
    return value;
  };
}
