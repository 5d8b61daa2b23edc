/** `hashfall explain`: the evidence of an alert, computed again from its bundle. */
import { readFile, stat } from "node:fs/promises";
import { Command, Option } from "commander";
import { differencesOf } from "../detect/evidence/compare.ts";
import { readBundle } from "../detect/evidence/recompute.ts";
import type { NotOpenedBundle } from "../detect/evidence/scope-bundles.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { type NotOpened, notOpenedId } from "../model/not-opened.ts";
import { explainText } from "./explain/bundle-text.ts";

interface ExplainOptions {
  readonly url: string;
  readonly token?: string;
  readonly json?: true;
  /** The network of which is asked what did not open. */
  readonly notOpened?: string;
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

async function ask(path: string, what: string, options: ExplainOptions): Promise<Response> {
  const base = options.url.replace(/^ws/, "http").replace(/\/(ws)?$/, "");
  const url = `${base}/api/v1/${path}`;
  const headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(15_000) });
  } catch (error) {
    throw new HashfallError(
      "SERVICE_UNREACHABLE",
      `${what}${base} does not answer (${messageOf(error)}); name a bundle file or --url`,
      { kind: "temporary" },
    );
  }
  if (response.ok || response.status === 404) return response;
  const kind = response.status >= 500 ? "temporary" : "mistake";
  throw new HashfallError("SERVICE_REFUSED", `${url} answered ${response.status}`, { kind });
}

async function fetchBundle(id: string, options: ExplainOptions): Promise<unknown> {
  const response = await ask(`alerts/${encodeURIComponent(id)}/explain`, `${id} is no file, and `, options);
  if (response.status === 404) throw new HashfallError("ALERT_UNKNOWN", `${options.url} knows no alert ${id}`);
  return response.json();
}

/** What the service says did not open, as the bundle that a replay writes. */
async function fetchNotOpened(network: string, options: ExplainOptions): Promise<NotOpenedBundle> {
  const response = await ask(`not-opened?network=${encodeURIComponent(network)}`, "", options);
  if (response.status === 404) throw new HashfallError("NETWORK_UNKNOWN", `${options.url} knows no network ${network}`);
  const { items } = (await response.json()) as { items: (Omit<NotOpened, "firstAt" | "lastAt"> & Said)[] };
  const entries = items
    .map((item) => ({ ...item, firstAt: Date.parse(item.firstAt), lastAt: Date.parse(item.lastAt) }))
    .toReversed();
  return { kind: "not-opened", network, at: entries.at(-1)?.lastAt ?? 0, entries };
}

interface Said {
  readonly firstAt: string;
  readonly lastAt: string;
}

/** What differs, one a line; empty where the bundle gives what its alert said. */
function differenceLines(value: unknown): string[] {
  const bundle = readBundle(value);
  if (bundle.kind === "not-opened") return [];
  const { id, revision } = bundle.event;
  return differencesOf(bundle).map(
    ({ figure, said, again }) =>
      `${id} revision ${revision}: ${figure} was said as ${said}, and is ${Number(again.toPrecision(4))} from the bundle`,
  );
}

/** What is asked for: the bundles of a file or of an alert, or what did not open. */
async function wanted(target: string | undefined, options: ExplainOptions): Promise<unknown[]> {
  const { notOpened } = options;
  if (target === undefined && notOpened === undefined) {
    throw new HashfallError("ARGUMENT_MISSING", "name an alert's id, a bundle file, or --not-opened with a network");
  }
  if (target !== undefined && (await isFile(target))) {
    const bundles = await readFileBundles(target);
    if (notOpened === undefined) return bundles;
    const mine = bundles.filter((bundle) => (bundle as { id?: unknown }).id === notOpenedId(notOpened));
    return mine.slice(-1);
  }
  return [notOpened === undefined ? await fetchBundle(target!, options) : await fetchNotOpened(notOpened, options)];
}

async function explain(target: string | undefined, options: ExplainOptions): Promise<void> {
  const values = await wanted(target, options);
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
    .argument("[alert]", "an alert's id, or a bundle file")
    .option("--not-opened <network>", "what did not open in this network lately, and why")
    .option("--url <url>", "where hashfall serves", "http://127.0.0.1:8080")
    .addOption(new Option("--token <token>", "when the server asks for one").env("HASHFALL_TOKEN"))
    .option("--json", "the bundle itself, one a line where there are many")
    .action(explain);
}
