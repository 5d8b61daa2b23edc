/**
 * The shape of the pure core: (state, rows of a tick) -> (state, events). No I/O, no clock, no Redis: the live worker
 * and `hashfall replay` run exactly this.
 */
import type { AlertEvent } from "../model/alert.ts";
import type { DailyHabit, PerScale } from "../model/detection-defaults.ts";
import type { Sample } from "../model/sample.ts";
import type { NetworkState, NetworkView } from "../model/view.ts";

/** One region's share of one pool's hash rate, as far as it is known. */
export interface RegionWeight {
  readonly region: string;
  /** 0..1 of the pool's hash rate. */
  readonly weight: number;
  /** Absolute standard deviation of `weight` while it is younger than a year. */
  readonly sd: number;
  /** End of the time for which it was said, ms; absent when nobody dated it, and then it does not age. */
  readonly asOf?: number;
}

export interface DetectorPool {
  readonly id: string;
  /** Averaging window of the pool's figure; absent when the configuration does not say. */
  readonly windowSeconds?: number;
  /** Pools of one operator may fail together. */
  readonly operator?: string;
  /** Sums to at most 1.001; what is left over belongs to OTHER. */
  readonly regions: readonly RegionWeight[];
}

export interface DetectionSettings {
  /** Expected false `opened` events of scope region, per network, per 30 days. The threshold is derived from it. */
  readonly falseAlarmsPerMonth: number;
  // Settings that are absent have the values of model/detection-defaults.ts.
  /** A fall that has lasted this long is accepted as the new normal, and the alert closes with `new-regime`. */
  readonly newRegimeAfterSeconds: number;
  /** Whether witnesses weigh in the score (`evidence`, the default) or only explain what figures found (`explain`). */
  readonly witnesses?: "evidence" | "explain";
  /** Region -> share of its falls that are cut-offs, 0..1, where it is not the usual one of its kind. */
  readonly cutOffShare?: Readonly<Record<string, number>>;
  /** Whether falls that are known to be right teach the weights; absent: they do. */
  readonly learnWeights?: boolean;
  /** Probability from which an alert names its region, 0.5..1. */
  readonly nameProbability?: number;
  /** Nats by which a region's fall must beat all other explanations together. */
  readonly margin?: PerScale<number>;
  /** How long an opening waits that could name no region. */
  readonly patienceSeconds?: PerScale<number>;
  /** Part of a fall, 0..1, that levels must show some steps after its onset; 0 asks for nothing. */
  readonly levelCheck?: number;
  readonly dailyHabit?: DailyHabit;
  readonly severity: SeveritySettings;
}

/** Severity at opening, from the lost share of the network and the probability that the alert is right. */
export interface SeveritySettings {
  readonly criticalShare: number;
  readonly warningShare: number;
  readonly minProbability: number;
  /** An alert that is open for this long is raised by one step. */
  readonly raiseAfterSeconds?: number;
}

/** Everything the core needs to know of a network; made from the configuration, comparable by `configHash`. */
export interface DetectorModel {
  readonly network: string;
  readonly intervalSeconds: number;
  readonly pools: readonly DetectorPool[];
  readonly detection: DetectionSettings;
  /** Target seconds between blocks (600 for Bitcoin); absent where blocks are not used. */
  readonly blockIntervalSeconds?: number;
  readonly configHash: string;
}

/** The rows of one tick, in any order. `at` is a multiple of the interval; every row belongs to (at - interval, at]. */
export interface Tick {
  readonly at: number;
  readonly rows: readonly Sample[];
}

/** What an alert's figures were computed from, so that anybody can compute them again (`hashfall explain`). */
export interface ExplainBundle {
  readonly id: string;
  readonly revision: number;
  readonly bundle: unknown;
}

export interface TickResult<State> {
  readonly state: State;
  readonly events: readonly AlertEvent[];
  readonly bundles: readonly ExplainBundle[];
  /** Rows of this tick that the quality gate refused, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** As the view says it; made when it is read, like the view. */
  readonly networkState: NetworkState;
  /** What is believed at this tick; made when it is read, which must be before the next `advance`. */
  readonly view: NetworkView;
}

export interface Detector<State> {
  initial(): State;
  /**
   * Advances by one tick. Ticks between the state's last one and this one that are not passed are run as empty by the
   * detector itself, so a caller only passes what it has. A tick at or before the state's last one throws
   * `HashfallError` `TICK_ORDER`.
   *
   * Mutates and consumes `state` for speed: after the call only the returned state may be used.
   */
  advance(state: State, tick: Tick): TickResult<State>;
  /** Binary, bounded: at most 256 kB at 16 pools x 13 regions. */
  encode(state: State): Uint8Array;
  /**
   * Reads what any released version has encoded, under this model; pools that are new start cold, ones that are gone
   * are dropped. Throws `HashfallError` `STATE_UNREADABLE` for bytes that are no state.
   */
  decode(bytes: Uint8Array): State;
}

export const DETECTOR_VERSION = "1";
