/** `hashfall explain`: the evidence of an alert, computed again from its bundle. */
import { readFile, stat } from "node:fs/promises";
import { Command, Option } from "commander";
import { differencesOf } from "../detect/evidence/compare.ts";
import {
  type BlocksBundle,
  type FiguresBundle,
  type LevelsBundle,
  type RecomputedSizes,
  readBundle,
  recompute,
  recomputeLevels,
} from "../detect/evidence/recompute.ts";
import type { AlertEvent } from "../model/alert.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { formatHashrate, formatShare } from "../model/format.ts";

interface ExplainOptions {
  readonly url: string;
  readonly token?: string;
  readonly json?: true;
}

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
  return `${event.id} revision ${event.revision}: ${event.type} at ${event.at}, ${event.region ?? "region not decided"}, ${event.severity}`;
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

/** The text that the command prints. */
export function explainText(value: unknown): string {
  const bundle = readBundle(value);
  if (bundle.kind === "figures") return figuresText(bundle);
  return bundle.kind === "levels" ? levelsText(bundle) : blocksText(bundle);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The bundles of a file, oldest first: one as JSON, or one a line as `replay --bundles` writes them. */
async function readFileBundles(path: string): Promise<unknown[]> {
  const text = await readFile(path, "utf8");
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .trimEnd()
      .split("\n")
      .map((line, k) => {
        try {
          return JSON.parse(line) as unknown;
        } catch (error) {
          throw new HashfallError("BUNDLE_UNREADABLE", `${path} line ${k + 1}: ${messageOf(error)}`);
        }
      });
  }
}

async function fetchBundle(id: string, options: ExplainOptions): Promise<unknown> {
  const base = options.url.replace(/^ws/, "http").replace(/\/(ws)?$/, "");
  const url = `${base}/api/v1/alerts/${encodeURIComponent(id)}/explain`;
  const headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(15_000) });
  } catch (error) {
    throw new HashfallError(
      "SERVICE_UNREACHABLE",
      `${id} is no file, and ${base} does not answer (${messageOf(error)}); name a bundle file or --url`,
      { kind: "temporary" },
    );
  }
  if (response.status === 404) throw new HashfallError("ALERT_UNKNOWN", `${base} knows no alert ${id}`);
  if (!response.ok) {
    const kind = response.status >= 500 ? "temporary" : "mistake";
    throw new HashfallError("SERVICE_REFUSED", `${url} answered ${response.status}`, { kind });
  }
  return response.json();
}

/** What differs, one a line; empty where the bundle gives what its alert said. */
function differenceLines(value: unknown): string[] {
  const bundle = readBundle(value);
  const { id, revision } = bundle.event;
  return differencesOf(bundle).map(
    ({ figure, said, again }) =>
      `${id} revision ${revision}: ${figure} was said as ${said}, and is ${Number(again.toPrecision(4))} from the bundle`,
  );
}

async function explain(target: string, options: ExplainOptions): Promise<void> {
  const values = (await isFile(target)) ? await readFileBundles(target) : [await fetchBundle(target, options)];
  const texts = values.map((value) =>
    options.json === true ? JSON.stringify(readBundle(value), null, values.length === 1 ? 1 : 0) : explainText(value),
  );
  process.stdout.write(`${texts.join(options.json === true ? "\n" : "\n\n")}\n`);
  const different = values.flatMap(differenceLines);
  if (different.length > 0) throw new HashfallError("BUNDLE_CHANGED", different.join("\n"));
}

export function explainCommand(): Command {
  return new Command("explain")
    .summary("the evidence of an alert, computed again")
    .description(
      "Computes an alert's score, candidates and figures again from its evidence: a bundle file (as `replay --bundles` writes them, all of it), or an alert id that a running service is asked for. Exits 1 and names the figure where an alert said something else.",
    )
    .argument("<alert>", "an alert's id, or a bundle file")
    .option("--url <url>", "where hashfall serves", "http://127.0.0.1:8080")
    .addOption(new Option("--token <token>", "when the server asks for one").env("HASHFALL_TOKEN"))
    .option("--json", "the bundle itself, one a line where there are many")
    .action(explain);
}
