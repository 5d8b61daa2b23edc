/** What to do about a source that did not answer as it should. */
import { formatDuration } from "../../model/format.ts";
import type { ErrorClass, FetchOutcome } from "../../sources/contract.ts";

const ADVICE: Readonly<Record<ErrorClass, string>> = {
  dns: "the host's name is not known: mistyped `url`, or no name service here",
  tls: "the TLS connection failed: is the host in `url` right, and the clock here?",
  connect: "nobody answers there: is it running, does a firewall stand between, is `allowPrivate` needed?",
  timeout: "it did not answer in time: raise `timeout`, or ask less often",
  "too-large": "it sent more than a figure can need: is the `url` right?",
  redirect: "it sent us elsewhere: put the final address into `url`",
  http: "it refused the request: is the `url` right?",
  "rate-limited": "it was asked too often: raise `interval`; hashfall waits by itself",
  auth: "it wants a key, or another one: config/docs/sources.md says how to get it",
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
  const wait =
    outcome.retryAfterMs === undefined ? "" : `; it is asked again in ${formatDuration(outcome.retryAfterMs)}`;
  const ban = outcome.banRisk === true ? "; asking on may get this address banned" : "";
  return `${outcome.advice ?? byStatus(outcome, key) ?? ADVICE[outcome.class]}${wait}${ban}`;
}

function byStatus({ httpStatus }: Extract<FetchOutcome, { kind: "error" }>, key: Key): string | undefined {
  if (httpStatus === undefined) return undefined;
  if (httpStatus >= 500) return "the trouble is theirs: nothing to mend here, hashfall asks again by itself";
  if (httpStatus === 403 && key === "none") return REFUSED;
  if (httpStatus === 404 || httpStatus === 410)
    return "nothing is at that address: `url` is the base that the type's own path follows; did the API move?";
  if (httpStatus === 407) return "the proxy wants a user and password: HTTPS_PROXY=http://user:password@host:port";
  return undefined;
}
