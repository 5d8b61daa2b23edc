/** Whether a source or a witness answers with what can be used, as its poller sees it: shown in REST, on the page, in metrics. */

export interface SourceHealth {
  readonly source: string;
  /** `ok`; `unknown` until it answered or missed twice; `failing` after two misses in a row. */
  readonly state: "ok" | "failing" | "unknown";
  /** Data time ms of the first answer of the present state, or of the first miss. */
  readonly since: number;
  /** Polls in a row without anything that could be used. */
  readonly misses: number;
  /** Data time ms of the newest answer that could be used. */
  readonly lastOkAt?: number;
  /** Class of the newest failure: one of the polls' error classes, or `zero`, `unknown`, `future`, `empty`. */
  readonly class?: string;
  /** The newest failure in the upstream's own words, secrets cut out and control characters escaped. */
  readonly error?: string;
}
