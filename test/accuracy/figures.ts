/** Verdicts of many worlds added up, and the tables of them in test/README.md and README.md. */
import type { Opening, Verdict } from "./judge.ts";

export interface Figures {
  readonly falls: number;
  readonly named: number;
  readonly listed: number;
  readonly wrong: number;
  readonly false: number;
  readonly days: number;
  /** Of falls that were named; absent while there is none. */
  readonly medianDelayMs: number | undefined;
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  return n === 0 ? undefined : (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
}

/** @param days data days in which somebody could have been alarmed, in all these worlds together */
export function figuresOf(verdicts: readonly Verdict[], days: number): Figures {
  const sum = (key: "falls" | "named" | "listed" | "wrong" | "false") =>
    verdicts.reduce((total, verdict) => total + verdict[key], 0);
  return {
    falls: sum("falls"),
    named: sum("named"),
    listed: sum("listed"),
    wrong: sum("wrong"),
    false: sum("false"),
    days,
    medianDelayMs: median(verdicts.flatMap(({ delays }) => delays)),
  };
}

function part(count: number, of: number): string {
  return of === 0 ? "-" : `${(count / of).toFixed(2)} (${count}/${of})`;
}

/** Minutes, or hours from two hours on. */
export function delayText(ms: number | undefined): string {
  if (ms === undefined) return "-";
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(0)} h`;
}

export interface ScoreRow {
  readonly family: string;
  readonly contestant: string;
  readonly figures: Figures;
}

/** Recall counts falls that were named; those only listed among candidates stand beside it. */
export function scoreTable(rows: readonly ScoreRow[]): string {
  const lines = [
    "| family | detector | recall | listed | precision | median delay | false in 30 days |",
    "|---|---|---|---|---|---|---|",
  ];
  let last = "";
  for (const { family, contestant, figures } of rows) {
    const { falls, named, listed, wrong, false: falseAlerts, days, medianDelayMs } = figures;
    const none = falls === 0;
    const cells = [
      family === last ? "" : family,
      contestant,
      part(named, falls),
      none ? "-" : String(listed),
      none ? "-" : part(named, named + wrong + falseAlerts),
      delayText(medianDelayMs),
      ((falseAlerts / days) * 30).toFixed(2),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
    last = family;
  }
  return lines.join("\n");
}

/** hashfall's own rows alone, for the README: what a newcomer asks first. */
export function headlineTable(rows: readonly ScoreRow[]): string {
  const lines = ["| worlds | falls named | named rightly | median delay | false in 30 days |", "|---|---|---|---|---|"];
  for (const { family, contestant, figures } of rows) {
    if (contestant !== "hashfall") continue;
    const { falls, named, wrong, false: falseAlerts, days, medianDelayMs } = figures;
    const cells = [
      family,
      falls === 0 ? "-" : `${named} of ${falls}`,
      falls === 0 ? "-" : `${named} of ${named + wrong + falseAlerts}`,
      delayText(medianDelayMs),
      ((falseAlerts / days) * 30).toFixed(2),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

/** Lower edges of the bins; probabilities near one are where people act. */
const BINS = [0, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99] as const;

/** Stated probability of the most probable region at opening, against how often it had fallen. */
export function reliabilityTable(openings: readonly Opening[]): string {
  const lines = ["| stated | alerts | mean stated | right |", "|---|---|---|---|"];
  for (const [index, low] of BINS.entries()) {
    const high = BINS[index + 1] ?? 1;
    const inBin = openings.filter(({ stated }) => stated >= low && (stated < high || high === 1));
    const mean = inBin.reduce((total, { stated }) => total + stated, 0) / inBin.length;
    const right = inBin.filter((each) => each.right).length;
    lines.push(
      `| ${low} to ${high} | ${inBin.length} | ${inBin.length === 0 ? "-" : mean.toFixed(2)} | ${part(right, inBin.length)} |`,
    );
  }
  return lines.join("\n");
}

/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`. Throws where the markers are missing. */
export function between(text: string, name: string, content: string): string {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new RangeError(`the markers ${begin} and ${end} are missing`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}
