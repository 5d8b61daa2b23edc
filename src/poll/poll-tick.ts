/** One tick of one network: claims it, asks the due sources, stores the rows, marks it as polled, queues its decision. */
import type { Sample } from "../model/sample.ts";
import { isoTime } from "../model/tick.ts";
import type { SampleStore, TickClaim, TickClaims } from "../store/contract.ts";
import { NO_TRACING, traced } from "../tracing/contract.ts";
import { type AskDeps, askSources } from "./ask-sources.ts";

export interface PollTickDeps extends AskDeps {
  readonly holder: string;
  readonly samples: SampleStore;
  readonly claims: TickClaims;
  /** @param traceparent the trace of this tick; undefined while tracing is off */
  readonly onTick: (network: string, tick: number, traceparent?: string) => Promise<void>;
}

/** Lease on a tick, real time, ms: a dead claimant's tick is free after it. It is renewed three times as often. */
export const LEASE_MS = 9_000;

/** Most blocks that are kept while the store fails: a week of Bitcoin's. */
const MOST_BLOCKS = 1_000;

export type PollTick = (tick: number, signal: AbortSignal) => Promise<boolean>;

/**
 * Polls a tick unless another process holds it or has done it. Resolves to whether it was polled here. Rejects when the store
 * fails: the claim is released, and the answers are kept for a retry of the same tick, so that pools are not asked again and
 * again while Redis is in trouble.
 */
export function makePollTick(deps: PollTickDeps): PollTick {
  const { network, claims, samples, onEvent, tracing = NO_TRACING } = deps;
  let asked: { readonly tick: number; readonly rows: readonly Sample[] } | null = null;
  return async (tick, signal) => {
    const claimed = await claims.claim(network.name, tick, deps.holder, LEASE_MS);
    if (claimed === null) return false;
    const { claim, takeover } = claimed;
    const of = { "hashfall.network": network.name, "hashfall.tick": isoTime(tick) };
    // The root span of the tick's trace, up to delivery.
    const poll = tracing.span("poll", { attributes: { ...of, "hashfall.takeover": takeover } });
    const parent = poll.traceparent;
    const renewing = setInterval(() => {
      claim.renew().catch(() => undefined);
    }, LEASE_MS / 3);
    try {
      const rows =
        asked?.tick === tick ? asked.rows : [...blocksOf(asked, tick), ...(await askSources(tick, signal, deps, poll))];
      asked = { tick, rows };
      // Idempotent: if the claim was lost meanwhile, its new owner stores the same rows, or better ones beside them.
      const stored = await traced(tracing, "store", { parent, attributes: of }, async (span) => {
        const result = await samples.append(network.name, tick, network.intervalMs, rows);
        span.set({ "hashfall.rows": result.added });
        return result;
      });
      // Queued before the tick counts as polled: if this process dies here, the next claimant queues the decision again.
      await traced(tracing, "enqueue", { parent, kind: "producer", attributes: of }, ({ traceparent }) =>
        deps.onTick(network.name, tick, traceparent),
      );
      await claim.complete();
      asked = null;
      poll.end();
      onEvent({ type: "polled", network: network.name, tick, stored, takeover });
    } catch (error) {
      poll.end(error);
      await release(claim);
      throw error;
    } finally {
      clearInterval(renewing);
    }
    return true;
  };
}

/** The blocks of rows that were never stored. A block stays true and is stored with a later tick; a figure would be stale. */
function blocksOf(unstored: { readonly rows: readonly Sample[] } | null, tick: number): Sample[] {
  const blocks = (unstored?.rows ?? []).filter((row) => row.kind === "block");
  return blocks.slice(-MOST_BLOCKS).map((block) => ({ ...block, at: tick }));
}

async function release(claim: TickClaim): Promise<void> {
  // When Redis is away this fails too, and the lease ends by itself.
  await claim.release().catch(() => undefined);
}
