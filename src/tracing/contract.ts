/**
 * Traces as the rest of hashfall sees them: one for each tick, from poll to delivery, through processes. What causes
 * something hands on a `traceparent` (with the job, with an entry of the alert log); it never enters what is derived from data.
 * No package stands behind this file: while tracing is off, nothing is loaded and every call does nothing.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  /** `traceparent` of what caused this; a new trace begins where there is none. */
  readonly parent?: string | undefined;
  /** Absent: work within a process. */
  readonly kind?: "client" | "producer" | "consumer";
  /** Names, counts and times. Never a URL, a header or a text from outside: they may hold a secret. */
  readonly attributes?: Attributes;
  /** Real time at which it began, ms; now when absent. */
  readonly startedAt?: number;
}

export interface Span {
  /** To be handed on to what this causes; undefined while tracing is off. */
  readonly traceparent: string | undefined;
  set(attributes: Attributes): void;
  /** What failed is told by its code or its name alone. */
  end(error?: unknown): void;
}

export interface TracingOptions {
  readonly version: string;
  /** Tells processes of one service apart. */
  readonly instance: string;
}

export interface Tracing {
  span(name: string, options?: SpanOptions): Span;
  /** Sends what is left, for a moment at most; spans that end later are lost. */
  stop(): Promise<void>;
}

const NO_SPAN: Span = { traceparent: undefined, set() {}, end() {} };

export const NO_TRACING: Tracing = { span: () => NO_SPAN, async stop() {} };

/** Some work as a span that ends with it, however it ends. */
export async function traced<T>(
  tracing: Tracing,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracing.span(name, options);
  try {
    const result = await work(span);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
