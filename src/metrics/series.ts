/**
 * Counters, gauges and histograms as lines of Prometheus' text format that are kept ready: what is written to a series makes
 * its own line anew, so a scrape only joins them. At 500 sources and pools the metrics library needs tens of milliseconds for
 * the same text, because it puts every label of every line together at every scrape.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */

export type Labels<L extends string> = Readonly<Record<L, string>>;

export interface CounterOf<L extends string> {
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
  observe(labels: Labels<L>, value: number): void;
}

export interface Declaration<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
}

/** One metric with all its series. */
export interface Family {
  /** HELP, TYPE and every series; ends with a line feed. The same string until something is written. */
  text(): string;
}

/** Stands in no name of a network, pool, source or region, so that different labels never share a key. */
const BETWEEN = "\u0000";

/** A series that was written to. */
interface Written {
  /** Ends with a line feed. */
  lines: string;
}

/** What all kinds have in common: series by their labels, and the text of all of them while it is true. */
abstract class SeriesOf<L extends string, S extends Written> implements Family {
  readonly #declaration: Declaration<L>;
  readonly #head: string;
  readonly #series = new Map<string, S>();
  #text: string | null = null;

  constructor(type: "counter" | "gauge" | "histogram", declaration: Declaration<L>) {
    const { name, help } = declaration;
    this.#declaration = declaration;
    this.#head = `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
  }

  text(): string {
    if (this.#text !== null) return this.#text;
    const parts = [this.#head];
    for (const series of this.#series.values()) parts.push(series.lines);
    this.#text = flat(parts);
    return this.#text;
  }

  protected abstract made(labels: Labels<L>): S;

  /** The series of these labels, made when it is new, for writing. */
  protected of(labels: Labels<L>): S {
    const key = this.#keyOf(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = this.made(labels);
      this.#series.set(key, series);
    }
    this.#text = null;
    return series;
  }

  protected drop(labels: Labels<L>): void {
    if (this.#series.delete(this.#keyOf(labels))) this.#text = null;
  }

  protected dropAll(): void {
    this.#series.clear();
    this.#text = null;
  }

  /** What stands before a value: `name{a="x",b="y"} `. @param le upper bound of a histogram's bucket */
  protected before(labels: Labels<L>, suffix = "", le?: string): string {
    const { name, labelNames } = this.#declaration;
    const parts = labelNames.map((label) => `${label}="${escaped(labels[label])}"`);
    if (le !== undefined) parts.push(`le="${le}"`);
    return `${name}${suffix}${parts.length === 0 ? "" : `{${parts.join(",")}}`} `;
  }

  #keyOf(labels: Labels<L>): string {
    let key = "";
    for (const name of this.#declaration.labelNames) key += labels[name] + BETWEEN;
    return key;
  }
}

interface Single extends Written {
  readonly before: string;
  value: number;
}

abstract class Singles<L extends string> extends SeriesOf<L, Single> {
  protected made(labels: Labels<L>): Single {
    return { before: this.before(labels), value: 0, lines: "" };
  }

  protected write(labels: Labels<L>, value: (before: number) => number): void {
    const single = this.of(labels);
    single.value = value(single.value);
    single.lines = flat([single.before, String(single.value), "\n"]);
  }
}

export class CounterFamily<L extends string> extends Singles<L> implements CounterOf<L> {
  constructor(declaration: Declaration<L>) {
    super("counter", declaration);
    // Without labels nothing else could be meant by silence than that it did not happen yet.
    if (declaration.labelNames.length === 0) this.inc({} as Labels<L>, 0);
  }

  /** Throws RangeError for what would make a counter go back. */
  inc(labels: Labels<L>, by = 1): void {
    if (!(by >= 0 && Number.isFinite(by))) throw new RangeError(`a counter only grows, and not by ${by}`);
    this.write(labels, (before) => before + by);
  }
}

export class GaugeFamily<L extends string> extends Singles<L> implements GaugeOf<L> {
  constructor(declaration: Declaration<L>) {
    super("gauge", declaration);
  }

  set(labels: Labels<L>, value: number): void {
    if (Number.isFinite(value)) this.write(labels, () => value);
    else this.drop(labels);
  }

  remove(labels: Labels<L>): void {
    this.drop(labels);
  }

  clear(): void {
    this.dropAll();
  }
}

interface Distribution extends Written {
  /** What stands before each bucket's value, the last one's bound being +Inf, then before sum and count. */
  readonly before: readonly string[];
  /** Values by the first bucket they fit into, not added up; the last one has no bound. */
  readonly counts: number[];
  sum: number;
}

export class HistogramFamily<L extends string> extends SeriesOf<L, Distribution> implements HistogramOf<L> {
  readonly #bounds: readonly number[];

  /** @param bounds upper bounds of the buckets, ascending, without +Inf */
  constructor(declaration: Declaration<L>, bounds: readonly number[]) {
    super("histogram", declaration);
    this.#bounds = bounds;
    if (declaration.labelNames.length === 0) this.of({} as Labels<L>);
  }

  /** Throws RangeError for what is no figure. */
  observe(labels: Labels<L>, value: number): void {
    if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be observed`);
    const distribution = this.of(labels);
    const place = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = place < 0 ? this.#bounds.length : place;
    distribution.counts[bucket] = (distribution.counts[bucket] ?? 0) + 1;
    distribution.sum += value;
    distribution.lines = linesOfDistribution(distribution);
  }

  protected made(labels: Labels<L>): Distribution {
    const buckets = [...this.#bounds.map(String), "+Inf"].map((le) => this.before(labels, "_bucket", le));
    const unseen = {
      before: [...buckets, this.before(labels, "_sum"), this.before(labels, "_count")],
      counts: new Array<number>(this.#bounds.length + 1).fill(0),
      sum: 0,
    };
    return { ...unseen, lines: linesOfDistribution(unseen) };
  }
}

function linesOfDistribution({ before, counts, sum }: Omit<Distribution, "lines">): string {
  const parts: string[] = [];
  let upTo = 0;
  for (let i = 0; i < counts.length; i++) {
    upTo += counts[i] ?? 0;
    parts.push(before[i] ?? "", String(upTo), "\n");
  }
  parts.push(before[counts.length] ?? "", String(sum), "\n", before[counts.length + 1] ?? "", String(upTo), "\n");
  return flat(parts);
}

/** One piece of memory; what `+` and templates give is a tree of pieces, which somebody has to walk at every scrape. */
function flat(parts: readonly string[]): string {
  return parts.join("");
}

function escaped(value: string): string {
  return /[\\\n"]/.test(value) ? value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"') : value;
}
