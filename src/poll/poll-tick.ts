/** One tick of one network: claim it, ask what is due, store the rows, mark it polled, hand it on. */
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

/** A dead claimant's tick is free again after this; renewed three times as often. Real time. */
export const LEASE_MS = 9_000;

/** Blocks that are kept while the store fails: a week of Bitcoin's. */
const MOST_BLOCKS = 1_000;

export type PollTick = (tick: number, signal: AbortSignal) => Promise<boolean>;

/**
 * Polls a tick unless somebody else holds it or has done it; resolves to whether it was polled here. Rejects when the
 * store fails: the claim is given back, and what the sources said is kept for another try at the same tick, so that a
 * Redis in trouble does not make anybody ask the pools again and again.
 */
export function makePollTick(deps: PollTickDeps): PollTick {
  const { network, claims, samples, onEvent, tracing = NO_TRACING } = deps;
  let asked: { readonly tick: number; readonly rows: readonly Sample[] } | null = null;
  return async (tick, signal) => {
    const claimed = await claims.claim(network.name, tick, deps.holder, LEASE_MS);
    if (claimed === null) return false;
    const { claim, takeover } = claimed;
    const of = { "hashfall.network": network.name, "hashfall.tick": isoTime(tick) };
    // The root of the tick's trace: everything until delivery hangs on it.
    const poll = tracing.span("poll", { attributes: { ...of, "hashfall.takeover": takeover } });
    const parent = poll.traceparent;
    const renewing = setInterval(() => {
      claim.renew().catch(() => undefined);
    }, LEASE_MS / 3);
    try {
      const rows =
        asked?.tick === tick ? asked.rows : [...blocksOf(asked, tick), ...(await askSources(tick, signal, deps, poll))];
      asked = { tick, rows };
      // Idempotent: when the claim was lost on the way, whoever has it now stores the same rows or better ones beside.
      const stored = await traced(tracing, "store", { parent, attributes: of }, async (span) => {
        const result = await samples.append(network.name, tick, network.intervalMs, rows);
        span.set({ "hashfall.rows": result.added });
        return result;
      });
      // Before the tick counts as polled: whoever takes over from a claimant that dies here asks for the decision again.
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

/** A figure of a tick that was never stored is gone; a block was found whenever we get to store it. */
function blocksOf(unstored: { readonly rows: readonly Sample[] } | null, tick: number): Sample[] {
  const blocks = (unstored?.rows ?? []).filter((row) => row.kind === "block");
  return blocks.slice(-MOST_BLOCKS).map((block) => ({ ...block, at: tick }));
}

async function release(claim: TickClaim): Promise<void> {
  // When Redis is away this fails too, and the lease ends by itself.
  await claim.release().catch(() => undefined);
}
