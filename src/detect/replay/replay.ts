/** Runs history through the live core: lines in, events out, refusals counted by reason. Pure: no files, no clock. */
import type { AlertEvent } from "../../model/alert.ts";
import { parseSampleLine } from "../../model/sample-line.ts";
import type { Detector, DetectorModel, ExplainBundle, Tick } from "../contract.ts";
import { createDetector } from "../detector.ts";
import { makeTickBuffer, type TickBuffer } from "./tick-buffer.ts";

export interface ReplayHandlers {
  readonly event: (event: AlertEvent) => void;
  readonly bundle?: (bundle: ExplainBundle) => void;
  /** A line that was skipped, with its number from 1 and the reason. */
  readonly refused: (line: number, why: string) => void;
}

export interface ReplayCounts {
  lines: number;
  samples: number;
  ticks: number;
  /** Lines that were skipped, by reason. */
  skipped: Record<string, number>;
  /** Rows that the quality gate refused, by reason. */
  rejected: Record<string, number>;
  /** Data time of the first and last tick per network, ms. */
  spans: Record<string, { from: number; to: number; warmFrom?: number }>;
  /** Regional alerts opened per network. */
  opened: Record<string, number>;
}

export interface Replay {
  line(text: string): void;
  end(): ReplayCounts;
  readonly counts: ReplayCounts;
}

interface Lane {
  readonly name: string;
  readonly detector: Detector<unknown>;
  readonly buffer: TickBuffer;
  readonly pools: ReadonlySet<string>;
  state: unknown;
}

/** Warm from the first tick whose state is not `warming`. */
function noteSpan(counts: ReplayCounts, network: string, at: number, isWarm: () => boolean): void {
  const span = counts.spans[network];
  if (span === undefined) {
    counts.spans[network] = { from: at, to: at, ...(isWarm() ? { warmFrom: at } : {}) };
    return;
  }
  span.to = at;
  if (span.warmFrom === undefined && isWarm()) span.warmFrom = at;
}

export function makeReplay(models: readonly DetectorModel[], handlers: ReplayHandlers): Replay {
  const lanes = models.map((model): Lane => {
    const detector = createDetector(model) as unknown as Detector<unknown>;
    return {
      name: model.network,
      detector,
      buffer: makeTickBuffer(model.intervalSeconds * 1000),
      pools: new Set(model.pools.map((pool) => pool.id)),
      state: detector.initial(),
    };
  });
  const byName = new Map(lanes.map((lane) => [lane.name, lane]));
  const only = lanes.length === 1 ? lanes[0] : undefined;
  const counts: ReplayCounts = { lines: 0, samples: 0, ticks: 0, skipped: {}, rejected: {}, spans: {}, opened: {} };
  const skip = (reason: string, why: string): void => {
    counts.skipped[reason] = (counts.skipped[reason] ?? 0) + 1;
    handlers.refused(counts.lines, why);
  };

  function run(lane: Lane, ticks: readonly Tick[]): void {
    for (const tick of ticks) {
      const done = lane.detector.advance(lane.state, tick);
      lane.state = done.state;
      counts.ticks += 1;
      noteSpan(counts, lane.name, tick.at, () => done.networkState !== "warming");
      for (const [reason, count] of Object.entries(done.rejected)) {
        counts.rejected[reason] = (counts.rejected[reason] ?? 0) + count;
      }
      for (const event of done.events) {
        if (event.type === "opened" && event.scope === "region") {
          counts.opened[lane.name] = (counts.opened[lane.name] ?? 0) + 1;
        }
        handlers.event(event);
      }
      if (handlers.bundle) done.bundles.forEach(handlers.bundle);
    }
  }

  return {
    counts,
    line(text) {
      counts.lines += 1;
      if (text.length === 0 || text === "\r") return;
      const parsed = parseSampleLine(text);
      if (!parsed.ok) {
        skip(parsed.fault, parsed.why);
        return;
      }
      const lane = parsed.network === undefined ? only : byName.get(parsed.network);
      if (!lane) {
        const known = lanes.map((entry) => entry.name).join(", ");
        skip("network", `"network" is ${parsed.network ?? "missing"}; the configuration has ${known}`);
        return;
      }
      const { sample } = parsed;
      if (sample.kind === "rate" && !lane.pools.has(sample.pool)) {
        skip("unknown-pool", `pool "${sample.pool}" is not in the configuration`);
        return;
      }
      if (lane.buffer.add(sample) === "late") {
        skip("late", "more than two intervals late, or its tick is already done");
        return;
      }
      counts.samples += 1;
      const ready = lane.buffer.ready();
      if (ready.length > 0) run(lane, ready);
    },
    end() {
      for (const lane of lanes) {
        run(lane, lane.buffer.flush());
        const leapt = lane.buffer.leapt();
        if (leapt > 0) counts.skipped.leap = (counts.skipped.leap ?? 0) + leapt;
      }
      return counts;
    },
  };
}
