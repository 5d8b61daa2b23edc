/**
 * Declares metrics and gives their text. Label names are part of a metric's type, and every label must be given, so a
 * forgotten one does not compile. Node's own metrics come from prom-client; this is the only place that knows it.
 */
import { collectDefaultMetrics, Registry } from "prom-client";
import {
  CounterFamily,
  type CounterOf,
  type Declaration,
  type Family,
  GaugeFamily,
  type GaugeOf,
  HistogramFamily,
  type HistogramOf,
} from "./series.ts";

/** Gauges of Node's own set that end in `_total` without being counters: a scraper's linter refuses them. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Declares metrics; one per process or test. */
export class MetricsRegistry {
  readonly #families = new Map<string, Family>();
  readonly #node = new Registry();

  constructor(options: { nodeMetrics: boolean }) {
    if (!options.nodeMetrics) return;
    collectDefaultMetrics({ register: this.#node });
    for (const name of MISNAMED) this.#node.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.#node.contentType;
  }

  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): CounterOf<L> {
    return this.#declare(name, new CounterFamily(declared(name, help, labelNames)));
  }

  gauge<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): GaugeOf<L> {
    return this.#declare(name, new GaugeFamily(declared(name, help, labelNames)));
  }

  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): HistogramOf<L> {
    return this.#declare(name, new HistogramFamily(declared(name, help, labelNames), buckets));
  }

  /** The text exposition: ours first, then Node's. */
  async render(): Promise<string> {
    const texts = [...this.#families.values()].map((family) => family.text());
    const node = (await this.#node.metrics()).trim();
    if (node !== "") texts.push(node.replace(/\n{2,}/g, "\n"), "\n");
    return texts.join("");
  }

  /** Names of our own metrics, as declared. */
  names(): string[] {
    return [...this.#families.keys()];
  }

  #declare<F extends Family>(name: string, family: F): F {
    if (this.#families.has(name)) throw new Error(`the metric ${name} is declared twice`);
    this.#families.set(name, family);
    return family;
  }
}

function declared<L extends string>(name: string, help: string, labelNames: readonly L[]): Declaration<L> {
  return { name, help, labelNames };
}
