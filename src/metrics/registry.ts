/**
 * Declares metrics and gives their text, with prom-client. Label names are part of a metric's type, and every label must be
 * given, so a forgotten one does not compile. This is the only place that knows the library.
 */
import { setImmediate } from "node:timers/promises";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type Labels<L extends string> = Readonly<Record<L, string>>;

export interface CounterOf<L extends string> {
  /** Throws for what would make a counter go back. */
  inc(labels: Labels<L>, by?: number): void;
}

export interface GaugeOf<L extends string> {
  /** A figure that is none (NaN, an infinity) is unknown: the series is absent then. */
  set(labels: Labels<L>, value: number): void;
  /** An unknown gauge is absent, never 0. */
  remove(labels: Labels<L>): void;
  /** Forgets every label set. */
  clear(): void;
}

export interface HistogramOf<L extends string> {
  /** Throws for what is no figure. */
  observe(labels: Labels<L>, value: number): void;
}

/** Gauges of Node's own set that end in `_total` without being counters: a scraper's linter refuses them. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** A metric as it is declared. */
export interface Declaration {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** After so long other work is let through. */
const TURN_MS = 3;

/** Declares metrics; one per process or test. */
export class MetricsRegistry {
  readonly #own = new Registry();
  readonly #node = new Registry();
  readonly #declarations: Declaration[] = [];

  constructor(options: { nodeMetrics: boolean }) {
    if (!options.nodeMetrics) return;
    collectDefaultMetrics({ register: this.#node });
    for (const name of MISNAMED) this.#node.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.#own.contentType;
  }

  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): CounterOf<L> {
    this.#declarations.push({ name, type: "counter", help, labelNames });
    const counter = new Counter<L>({ name, help, labelNames, registers: [this.#own] });
    return {
      inc(labels, by = 1) {
        // The library takes NaN, and the counter would be NaN for ever.
        if (!Number.isFinite(by)) throw new RangeError(`a counter grows by a number, not by ${by}`);
        counter.inc(labels, by);
      },
    };
  }

  gauge<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): GaugeOf<L> {
    this.#declarations.push({ name, type: "gauge", help, labelNames });
    const gauge = new Gauge<L>({ name, help, labelNames, registers: [this.#own] });
    const clear = (): void => {
      gauge.reset();
      // Without labels the library begins at 0, which nobody has measured.
      if (labelNames.length === 0) gauge.remove({});
    };
    clear();
    return {
      set: (labels, value) => (Number.isFinite(value) ? gauge.set(labels, value) : gauge.remove(labels)),
      remove: (labels) => gauge.remove(labels),
      clear,
    };
  }

  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): HistogramOf<L> {
    this.#declarations.push({ name, type: "histogram", help, labelNames });
    const histogram = new Histogram<L>({ name, help, labelNames, buckets: [...buckets], registers: [this.#own] });
    return { observe: (labels, value) => histogram.observe(labels, value) };
  }

  /**
   * The text exposition: ours first, then Node's. At hundreds of pools it takes tens of milliseconds, so other work is let
   * through between one metric and the next.
   */
  async render(): Promise<string> {
    let text = "";
    let since = performance.now();
    for (const registry of [this.#own, this.#node]) {
      for (const { name } of registry.getMetricsAsArray()) {
        text += `${(await registry.getSingleMetricAsString(name)).trim()}\n`;
        if (performance.now() - since < TURN_MS) continue;
        await setImmediate();
        since = performance.now();
      }
    }
    return text;
  }

  /** Our own metrics, in the order in which they were declared. */
  get declarations(): readonly Declaration[] {
    return this.#declarations;
  }
}
