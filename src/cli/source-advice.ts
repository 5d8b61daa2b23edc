/** What to do about a source that did not answer as it should. */

import { formatAge } from "../model/format.ts";
import type { ErrorClass, FetchOutcome } from "../sources/contract.ts";

const ADVICE: Readonly<Record<ErrorClass, string>> = {
  dns: "the host's name is not known: mistyped `url`, or no name service here",
  tls: "its certificate is not trusted: a proxy in between, or a clock that is wrong",
  connect: "nobody answers there: is it running, does a firewall stand between, is `allowPrivate` needed?",
  timeout: "it did not answer in time: raise `timeout`, or ask less often",
  "too-large": "it sent more than a figure can need: is the `url` right?",
  redirect: "it sent us elsewhere: put the final address into `url`",
  http: "it refused the request: is the `url` right?",
  "rate-limited": "it was asked too often: raise `interval`",
  auth: "it wants a key, or another one: see the table in config/docs/sources.md",
  "geo-blocked": "it does not answer from this country: run a poller elsewhere, or leave it out",
  format: "what came is not what this type reads: is it the right `type`, and did the API change?",
  semantic: "it answered that it does not know: wait; if it stays so, leave it out",
  partial: "only a part came: the next poll asks again",
  stale: "its figure is old: it is not used until it is fresh again",
};

/** Whether a type of source says anything without a key. */
export type Key = "none" | "optional" | "required";

/** What asks for no key refuses whoever asks: some hosts say so when an address asked too often, or comes from abroad. */
const REFUSED =
  "it refuses this address: asked too often, or from a network or country it does not serve; leave it alone for a day";

/** One line, in words of the configuration. */
export function adviceFor(outcome: Extract<FetchOutcome, { kind: "error" }>, key: Key): string {
  const wait = outcome.retryAfterMs === undefined ? "" : `; it asks to wait ${formatAge(outcome.retryAfterMs)}`;
  const ban = outcome.banRisk === true ? "; asking on may get this address banned" : "";
  const advice = outcome.httpStatus === 403 && key === "none" ? REFUSED : ADVICE[outcome.class];
  return `${advice}${wait}${ban}`;
}
