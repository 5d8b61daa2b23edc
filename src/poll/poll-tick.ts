/** One tick of one network: claim it, ask what is due, store the rows, mark it polled, hand it on. */
import { setMaxListeners } from "node:events";
import type { NetworkConfig } from "../config/resolved.ts";
import type { Clocks } from "../model/clock.ts";
import { messageOf } from "../model/errors.ts";
import type { Sample } from "../model/sample.ts";
import type { FetchOutcome, Source } from "../sources/contract.ts";
import type { SampleStore, TickClaim, TickClaims } from "../store/contract.ts";
import { dueSources } from "./due.ts";
import type { PollEvent } from "./events.ts";
import type { NewBlocks } from "./new-blocks.ts";
import { toSamples } from "./to-samples.ts";

export interface PollTickDeps {
  readonly network: NetworkConfig;
  readonly holder: string;
  readonly sources: readonly Source[];
  readonly samples: SampleStore;
  readonly claims: TickClaims;
  readonly clocks: Clocks;
  readonly newBlocks: NewBlocks;
  readonly onTick: (network: string, tick: number) => Promise<void>;
  readonly onEvent: (event: PollEvent) => void;
}

/** Rows of a tick are worth waiting for, but never longer than half of it: the other half is for deciding and delivering. */
const LONGEST_MS = 60_000;
/** A dead claimant's tick is free again after this; renewed three times as often. */
const LEASE_MS = 9_000;

/** Real time that asking all sources of a tick may take. */
export function deadlineMs(intervalMs: number, speed: number): number {
  return Math.min(LONGEST_MS, intervalMs / speed / 2);
}

/**
 * Polls a tick unless somebody else holds it or has done it. Resolves to whether it was polled here.
 * Rejects when the store fails; the claim is given back first, so that the tick can be tried again at once.
 */
export async function pollTick(tick: number, signal: AbortSignal, deps: PollTickDeps): Promise<boolean> {
  const { network, claims, samples } = deps;
  const claimed = await claims.claim(network.name, tick, deps.holder, LEASE_MS);
  if (claimed === null) return false;
  const { claim, takeover } = claimed;
  const renewing = setInterval(() => {
    claim.renew().catch(() => undefined);
  }, LEASE_MS / 3);
  try {
    const rows = await askAll(tick, signal, deps);
    const stored = await samples.append(network.name, tick, network.intervalMs, rows);
    await claim.complete();
    deps.onEvent({ type: "polled", network: network.name, tick, stored, takeover });
  } catch (error) {
    await release(claim);
    throw error;
  } finally {
    clearInterval(renewing);
  }
  // The rows are safe; a job that is lost here is made good by the next tick.
  await deps.onTick(network.name, tick);
  return true;
}

async function release(claim: TickClaim): Promise<void> {
  // When Redis is away this fails too, and the lease ends by itself.
  await claim.release().catch(() => undefined);
}

async function askAll(tick: number, stop: AbortSignal, deps: PollTickDeps): Promise<Sample[]> {
  const { network, clocks } = deps;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deadlineMs(network.intervalMs, clocks.speed))]);
  // One signal for all sources of the tick, each with a few listeners: many, and bounded.
  setMaxListeners(0, signal);
  const due = dueSources(deps.sources, tick, network.intervalMs);
  const rows = await Promise.all(due.map((source) => askOne(source, tick, signal, deps)));
  return rows.flat();
}

async function askOne(source: Source, tick: number, signal: AbortSignal, deps: PollTickDeps): Promise<Sample[]> {
  const now = deps.clocks.data.now();
  const began = performance.now();
  const outcome = await source.fetch({ signal, now }).catch(
    (error: unknown): FetchOutcome => ({
      // A source never throws; one that does must not take the others' rows with it.
      kind: "error",
      class: "semantic",
      detail: `the adapter failed: ${messageOf(error)}`,
    }),
  );
  const taken = toSamples(source.id, outcome.kind === "ok" ? outcome.rows : [], { tick, now });
  const samples = deps.newBlocks(source.id, taken.samples);
  const skipped = { ...(outcome.kind === "ok" ? outcome.skipped : {}), ...taken.skipped };
  deps.onEvent({
    type: "asked",
    network: deps.network.name,
    source: source.id,
    result: outcome.kind === "error" ? outcome.class : outcome.kind,
    outcome,
    rows: samples.length,
    skipped,
    tookMs: performance.now() - began,
  });
  return samples;
}
