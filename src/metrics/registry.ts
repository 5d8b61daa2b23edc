/**
 * The only place that knows which metrics library is used. Label names are part of a metric's type, and every label must
 * be given, so a forgotten one does not compile.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

type Labels<L extends string> = Readonly<Record<L, string>>;

export interface CounterOf<L extends string> {
  inc(labels: Labels<L>, by?: number): void;
}

export interface GaugeOf<L extends string> {
  set(labels: Labels<L>, value: number): void;
  /** An unknown gauge is absent, never 0. */
  remove(labels: Labels<L>): void;
  /** Forgets every label set. */
  clear(): void;
}

export interface HistogramOf<L extends string> {
  observe(labels: Labels<L>, value: number): void;
}

/** Gauges of Node's own set that end in `_total` without being counters: a scraper's linter refuses them. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Declares metrics; one per process or test. */
export class MetricsRegistry {
  readonly #own = new Registry();
  /** Text of each of our metrics since it last changed: most do so once a tick, and scrapes come far more often. */
  readonly #texts = new Map<string, Promise<string>>();
  readonly #node = new Registry();

  constructor(options: { nodeMetrics: boolean }) {
    if (!options.nodeMetrics) return;
    collectDefaultMetrics({ register: this.#node });
    for (const name of MISNAMED) this.#node.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.#own.contentType;
  }

  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): CounterOf<L> {
    const counter = new Counter<L>({ name, help, labelNames, registers: [this.#own] });
    return {
      inc: (labels, by = 1) => {
        this.#texts.delete(name);
        counter.inc(labels, by);
      },
    };
  }

  gauge<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): GaugeOf<L> {
    const gauge = new Gauge<L>({ name, help, labelNames, registers: [this.#own] });
    // Without labels the library starts at 0, which would claim a figure that nobody has measured.
    if (labelNames.length === 0) gauge.remove({});
    return {
      set: (labels, value) => {
        this.#texts.delete(name);
        if (Number.isFinite(value)) gauge.set(labels, value);
        else gauge.remove(labels);
      },
      remove: (labels) => {
        this.#texts.delete(name);
        gauge.remove(labels);
      },
      clear: () => {
        this.#texts.delete(name);
        gauge.reset();
      },
    };
  }

  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): HistogramOf<L> {
    const histogram = new Histogram<L>({ name, help, buckets: [...buckets], labelNames, registers: [this.#own] });
    return {
      observe: (labels, value) => {
        this.#texts.delete(name);
        histogram.observe(labels, value);
      },
    };
  }

  /** The text exposition: ours first, then Node's. */
  async render(): Promise<string> {
    const ours = await Promise.all(this.names().map((name) => this.#text(name)));
    return `${[...ours, await this.#node.metrics()].join("\n").trim()}\n`.replace(/\n{2,}/g, "\n");
  }

  #text(name: string): Promise<string> {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const text = this.#own.getSingleMetricAsString(name);
    this.#texts.set(name, text);
    return text;
  }

  /** Names of our own metrics, as declared. */
  names(): string[] {
    return this.#own.getMetricsAsArray().map((metric) => metric.name);
  }
}
