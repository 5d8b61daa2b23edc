/** What an evidence bundle says, as the lines that `hashfall explain` prints. */
import {
  type BlocksBundle,
  type FiguresBundle,
  type LevelsBundle,
  type RecomputedSizes,
  readBundle,
  recompute,
  recomputeLevels,
} from "../../detect/evidence/recompute.ts";
import {
  type NetworkBundle,
  type NotOpenedBundle,
  type PoolBundle,
  recomputePool,
  type SourceBundle,
} from "../../detect/evidence/scope-bundles.ts";
import type { AlertEvent } from "../../model/alert.ts";
import { formatHashrate, formatShare } from "../../model/format.ts";
import { NOT_OPENED_REASONS, type NotOpened } from "../../model/not-opened.ts";
import { isoTime } from "../../model/tick.ts";

const LEGEND = [
  "Scores and evidence are natural logarithms of odds: 2.3 is ten to one, 6.9 a thousand to one; below 0 speaks against.",
  "A figure averages over its pool's window and shows a fall bit by bit: the fitted fall is what it comes to.",
];

/** Probabilities that differ by more than they were rounded to. */
const SAME = 0.006;

function agrees({ candidates = [] }: AlertEvent, again: readonly { region: string; probability: number }[]): boolean {
  const found = new Map(again.map(({ region, probability }) => [region, probability]));
  return candidates.every(({ region, probability }) => Math.abs((found.get(region) ?? 0) - probability) <= SAME);
}

function headLine({ event }: { readonly event: AlertEvent }): string {
  const subject = {
    region: event.region ?? "region not decided",
    pool: [event.pool, event.region].filter(Boolean).join(" "),
    network: "everything",
    source: event.source ?? "the whole network",
  }[event.scope];
  return `${event.id} revision ${event.revision}: ${event.type} at ${event.at}, ${subject}, ${event.severity}`;
}

/** Sizes, and how every pool bears on them. */
function sizeLines(bundle: FiguresBundle | LevelsBundle, again: RecomputedSizes): string[] {
  const { event } = bundle;
  const rows = again.rows
    .map((row, k) => ({
      ...row,
      base: bundle.base[k] ?? 0,
      name: row.region === null ? row.pool : `${row.pool} ${row.region}`,
      shown: event.evidence?.find((entry) => entry.pool === row.pool && (entry.region ?? null) === row.region),
    }))
    .filter((row) => Math.abs(row.score) >= 0.05 || row.fall > 0)
    .sort((x, y) => y.score - x.score);
  return [
    `drop, computed again: ${formatShare(again.drop.estimate)} (${formatShare(again.drop.low)} to ${formatShare(again.drop.high)}); lost ${formatHashrate(again.lost)}`,
    ...(event.lost
      ? [
          `lost, as said: ${formatHashrate(event.lost.hashrate)} (${formatHashrate(event.lost.low)} to ${formatHashrate(event.lost.high)})`,
        ]
      : []),
    "",
    "pool                 before        now           fitted fall  evidence",
    ...rows.map((row) =>
      [
        row.name.padEnd(20),
        formatHashrate(row.base).padEnd(13),
        (row.shown ? formatHashrate(row.shown.observed) : "").padEnd(13),
        formatShare(row.fall).padStart(11),
        row.score.toFixed(2).padStart(9),
      ].join(" "),
    ),
    "",
    ...LEGEND,
  ];
}

function figuresText(bundle: FiguresBundle): string {
  const { event } = bundle;
  const again = recompute(bundle);
  const { posterior } = again;
  const said = event.candidates?.map((entry) => `${entry.region} ${entry.probability}`).join(", ") ?? "none";
  return [
    headLine(bundle),
    `scale ${bundle.scale}; started ${event.startedAt} (${event.startedAtLow ?? "?"} to ${event.startedAtHigh ?? "?"})`,
    "",
    `a region fell, against nothing: ${posterior.total.toFixed(2)} (opens at ${bundle.threshold.toFixed(2)})`,
    `a region fell, against every other explanation: ${again.logOdds.toFixed(2)} (needs ${bundle.margin})`,
    `  everything fell together: ${posterior.network.score.toFixed(2)}`,
    ...posterior.operators.map((entry) => `  operator ${entry.subject}: ${entry.score.toFixed(2)}`),
    "  each pool by itself: in every row's likelihood (prior, and spread of troubles of its own)",
    `regions, computed again: ${again.candidates.map((entry) => `${entry.region} ${entry.probability.toFixed(3)}`).join(", ")}`,
    `regions, as said:        ${said}${agrees(event, again.candidates) ? "" : "  (NOT the same)"}`,
    ...(bundle.levels ? ["sizes from levels: windows show the fall by now"] : []),
    ...sizeLines(bundle, again),
  ].join("\n");
}

function levelsText(bundle: LevelsBundle): string {
  const { event } = bundle;
  return [
    headLine(bundle),
    `scale ${bundle.scale}; started ${event.startedAt}; sizes from levels alone: the score stands as it was`,
    "",
    ...sizeLines(bundle, recomputeLevels(bundle)),
  ].join("\n");
}

function blocksText(bundle: BlocksBundle): string {
  const { event } = bundle;
  return [
    headLine(bundle),
    `from blocks; started ${event.startedAt} (${event.startedAtLow ?? "?"} to ${event.startedAtHigh ?? "?"})`,
    ...(bundle.score === undefined
      ? []
      : [`score ${bundle.score.toFixed(2)} (opens at ${bundle.threshold.toFixed(2)})`]),
    ...(bundle.margin === undefined ? [] : [`over the best rival: ${bundle.margin.toFixed(2)}`]),
    "",
    "pool                 expected      found         evidence",
    ...(event.evidence ?? []).map(
      (entry) =>
        `${entry.pool.padEnd(20)} ${entry.expected.toFixed(1).padEnd(13)} ${String(entry.observed).padEnd(13)} ${entry.score.toFixed(2).padStart(8)}`,
    ),
  ].join("\n");
}

function saidLines({ drop, lost }: AlertEvent): string[] {
  if (!drop || !lost) return [];
  return [
    `drop, as said: ${formatShare(drop.estimate)} (${formatShare(drop.low)} to ${formatShare(drop.high)}); lost ${formatHashrate(lost.hashrate)} (${formatHashrate(lost.low)} to ${formatHashrate(lost.high)})`,
  ];
}

function poolText(bundle: PoolBundle): string {
  const { event, fit, base, reference } = bundle;
  const { lost, onset, score } = recomputePool(bundle);
  const part = (value: number): string => formatShare(Math.min(1, (value * reference) / base));
  const { developed } = fit.level;
  return [
    headLine(bundle),
    `started ${event.startedAt} (${event.startedAtLow ?? "?"} to ${event.startedAtHigh ?? "?"}); onset computed again from the row's own figures: ${isoTime(onset.estimate)}`,
    ...(event.cause ? [`cause: ${event.cause.why}`] : []),
    "",
    `this row fell, against nothing: ${score.toFixed(2)}`,
    `level: ${formatHashrate(base)} before, ${formatHashrate(base - fit.level.fall * reference)} at this tick; the averaging window shows ${formatShare(developed)} of a fall by now`,
    `drop, computed again: ${part(lost.estimate)} (${part(lost.low)} to ${part(lost.high)})`,
    ...saidLines(event),
    "",
    ...LEGEND,
  ].join("\n");
}

function networkText(bundle: NetworkBundle): string {
  const { event } = bundle;
  return [
    headLine(bundle),
    `started ${event.startedAt} (${event.startedAtLow ?? "?"} to ${event.startedAtHigh ?? "?"})`,
    "",
    `everything fell together, against nothing: ${bundle.everything.toFixed(2)} (opens at ${bundle.threshold.toFixed(2)})`,
    `a region fell: ${bundle.regions.toFixed(2)} (must be ${bundle.margin} less)`,
    ...saidLines(event),
    "",
    "pool                 before        now           evidence",
    ...(event.evidence ?? []).map((entry) =>
      [
        entry.pool.padEnd(20),
        formatHashrate(entry.expected).padEnd(13),
        formatHashrate(entry.observed).padEnd(13),
        entry.score.toFixed(2).padStart(8),
      ].join(" "),
    ),
    "",
    LEGEND[0],
  ].join("\n");
}

const timeOrNever = (at: number): string => (at > 0 ? isoTime(at) : "never");

function sourceText(bundle: SourceBundle): string {
  const { event, rows } = bundle;
  const why =
    event.verdict === "blind"
      ? "most of the network's rows are overdue at once: nothing is judged until they are heard again"
      : "everything that this source says is the same figure again and again, or is missing";
  return [
    headLine(bundle),
    `${event.verdict} since ${event.startedAt}: ${why}`,
    "",
    "pool                 last used             last heard            why not used",
    ...rows.map((row) =>
      [
        (row.region === null ? row.pool : `${row.pool} ${row.region}`).padEnd(20),
        timeOrNever(row.acceptedAt).padEnd(21),
        timeOrNever(row.seenAt).padEnd(21),
        row.frozen ? "says the same figure again and again" : (row.refusal ?? "nothing was said"),
      ].join(" "),
    ),
  ].join("\n");
}

function heldLine(entry: NotOpened): string {
  const { scope, reason, score, needed } = entry;
  const subject = scope === "network" ? "everything" : [entry.pool, entry.region].filter(Boolean).join(" ");
  const figure = scope === "region" ? score.toFixed(2) : formatShare(score);
  const asked = needed === 0 ? "" : `, needed ${scope === "region" ? needed.toFixed(2) : formatShare(needed)}`;
  return [
    `${isoTime(entry.firstAt)} to ${isoTime(entry.lastAt)}, ${entry.ticks} ${entry.ticks === 1 ? "tick" : "ticks"}: ${scope} ${subject}`,
    `  ${reason}: ${NOT_OPENED_REASONS[reason]} (${scope === "region" ? "score" : "fell by"} at most ${figure}${asked})`,
  ].join("\n");
}

function notOpenedText({ network, at, entries }: NotOpenedBundle): string {
  return [
    `${network}: what did not open, newest first${at > 0 ? `, as of ${isoTime(at)}` : ""}`,
    ...entries.toReversed().map(heldLine),
    ...(entries.length === 0 ? ["nothing was held back"] : []),
  ].join("\n");
}

/** The text that the command prints. */
export function explainText(value: unknown): string {
  const bundle = readBundle(value);
  switch (bundle.kind) {
    case "figures":
      return figuresText(bundle);
    case "levels":
      return levelsText(bundle);
    case "blocks":
      return blocksText(bundle);
    case "pool":
      return poolText(bundle);
    case "network":
      return networkText(bundle);
    case "source":
      return sourceText(bundle);
    case "not-opened":
      return notOpenedText(bundle);
  }
}
