/** Events of a poller for metrics and logs; polling itself knows neither. */
import type { FetchOutcome } from "../sources/contract.ts";
import type { WitnessOutcome } from "../sources/witness/contract.ts";
import type { AppendResult } from "../store/contract.ts";

export type PollEvent =
  /** One source or witness was asked. `result` is the outcome's kind, or the class of its error. */
  | {
      readonly type: "asked";
      readonly network: string;
      readonly tick: number;
      readonly source: string;
      readonly result: string;
      readonly outcome: FetchOutcome | WitnessOutcome;
      /** Rows that became samples. */
      readonly rows: number;
      /** Rows that did not, by reason (`stale`, `unknown`, `future`). */
      readonly skipped: Readonly<Record<string, number>>;
      readonly tookMs: number;
    }
  /** A tick was polled and stored. `takeover`: an earlier claimant had died with it. */
  | {
      readonly type: "polled";
      readonly network: string;
      readonly tick: number;
      readonly stored: AppendResult;
      readonly takeover: boolean;
    }
  /** A tick could not be stored or queued; it is retried while it is the current one. */
  | { readonly type: "failed"; readonly network: string; readonly tick: number; readonly error: unknown }
  /** A tick came while the one before was still being polled here. */
  | { readonly type: "overlap"; readonly network: string; readonly tick: number }
  /** No process polled this tick while it was the current one. */
  | { readonly type: "missed"; readonly network: string; readonly tick: number }
  /** The current tick is not polled although its deadline has passed; told once a tick. */
  | { readonly type: "overdue"; readonly network: string; readonly tick: number; readonly byMs: number };
