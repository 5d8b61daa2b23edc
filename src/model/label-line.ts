/**
 * Lines of labels, beside those of pools: `label` is what is said.
 * `{"at":"2026-01-05T12:00:00Z","source":"person:anna","label":"other","alert":"bitcoin-region-20260105T1050Z-1","region":"RU"}`
 */
import { type LabelSample, type LabelVerdict, labelFault } from "./label.ts";
import { parseTime, type Refusal, refuse, shown } from "./line-parts.ts";
import { isoTime } from "./tick.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Reads the fields of a line that has `label`. */
export function parseLabel(row: Fields): LabelSample | Refusal {
  const at = parseTime(row.at);
  if (!Number.isFinite(at)) return refuse("time", `"at" is ${shown(row.at)}; expected ISO 8601 with a zone`);
  const label: LabelSample = {
    kind: "label",
    at,
    source: row.source as string,
    alert: (row.alert ?? "") as string,
    verdict: row.label as LabelVerdict,
    ...(row.region === undefined ? {} : { region: row.region as string }),
  };
  const fault = labelFault(label);
  return fault === null ? label : refuse("label", `a label that cannot be used; expected ${fault}`);
}

/** The fields of a line; `parseLabel` reads them back to the same sample. */
export function labelFields({ at, source, alert, verdict, region }: LabelSample): Fields {
  return {
    at: isoTime(at),
    source,
    label: verdict,
    ...(alert === "" ? {} : { alert }),
    ...(region === undefined ? {} : { region }),
  };
}
