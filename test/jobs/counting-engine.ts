/** An engine whose every tick says one event, derived from the state alone: what is lost or doubled shows at once. */
import type { Engine } from "../../src/jobs/engine.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { compactTime, isoTime } from "../../src/model/tick.ts";
import type { NetworkView } from "../../src/model/view.ts";

export interface CountingEngine extends Engine {
  /** Runs so far, also those whose commit was refused. */
  runs: number;
  /** Called before a run answers. */
  before: (ticks: readonly { at: number; rows: readonly unknown[] }[]) => Promise<void>;
}

export function makeCountingEngine(): CountingEngine {
  const engine: CountingEngine = {
    runs: 0,
    before: async () => {},
    kept: () => undefined,
    async run({ network, base, ticks }) {
      engine.runs++;
      await engine.before(ticks);
      let count = base instanceof Uint8Array ? Buffer.from(base).readDoubleLE(0) : 0;
      const events: AlertEvent[] = [];
      const views: NetworkView[] = [];
      for (const { at, rows } of ticks) {
        count += rows.length;
        events.push({
          type: "opened",
          id: `${network}-region-${compactTime(at)}-1`,
          revision: 1,
          network,
          scope: "region",
          region: "KZ",
          ambiguous: false,
          severity: "info",
          at: isoTime(at),
          startedAt: isoTime(at),
          // The rows seen up to here: a doubled or a lost row shows in every event after it.
          lost: { hashrate: count, low: count, high: count, networkShare: 0.5 },
          detectorVersion: "test",
          configHash: "test",
        });
        views.push({ network, at, state: "ok", regions: [], pools: [], sources: [], rejected: {} });
      }
      const state = Buffer.alloc(8);
      state.writeDoubleLE(count, 0);
      return { bytes: state, events, bundles: [], views, tookMs: 1 };
    },
    async stop() {},
  };
  return engine;
}
