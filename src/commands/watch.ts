/** `hashfall watch`: alerts in the terminal as they come; comes back after a break and goes on where it was. */
import { userInfo } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import type { AlertsFilter } from "../client/client.ts";
import { watchAlerts } from "../client/watcher.ts";
import { ACK_VERDICTS, type AckVerdict } from "../model/ack.ts";
import { type DeliveredAlert, SEVERITIES, type Severity } from "../model/alert.ts";
import { escapeControls, escapeJson } from "../model/clean-text.ts";
import { parseCursor } from "../model/cursor.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { isRegionCode } from "../model/region.ts";
import { alertLine } from "./alert-line.ts";
import { untilStopped } from "./until-stopped.ts";

interface WatchOptions {
  readonly url: string;
  readonly region?: readonly string[];
  readonly network?: readonly string[];
  readonly minSeverity?: Severity;
  readonly since?: string;
  readonly token?: string;
  readonly json?: true;
  readonly verdict?: string;
  readonly is: AckVerdict;
  readonly fell?: string;
}

const EXAMPLES = `
Examples:
  $ hashfall watch                                   what is open, then everything that happens
  $ hashfall watch --region KZ --min-severity warning
  $ hashfall watch --json | jq 'select(.scope == "region") | .region'
  $ hashfall watch --verdict bitcoin-region-20260105T1050Z-1 --is other --fell RU
  $ hashfall watch --json --since "$(tail -1 alerts.ndjson | jq -r .cursor)" >> alerts.ndjson

Runs until it is stopped. --since goes on after an event's cursor: nothing is missed and nothing comes twice.`;

export function watchCommand(): Command {
  return new Command("watch")
    .description("Alerts in the terminal as they come; reconnects and resumes.")
    .option("--url <url>", "where hashfall serves", socketUrl, "ws://127.0.0.1:8080/ws")
    .option("--region <code...>", "only these regions; US also covers US-TX", regions)
    .option("--network <name...>", "only these networks")
    .addOption(new Option("--min-severity <severity>", "only from this severity on").choices([...SEVERITIES]))
    .option("--since <cursor>", "go on after this event", cursor)
    .addOption(new Option("--token <token>", "when the server asks for one").env("HASHFALL_TOKEN"))
    .option(
      "--verdict <id>",
      "says whether an alert was right, and ends; with --is, and --fell where another region did",
    )
    .addOption(new Option("--is <verdict>", "what is said of it").choices([...ACK_VERDICTS]).default("right"))
    .option("--fell <code>", "the region that fell instead, with --is other", oneRegion)
    .option("--json", "one JSON object a line on standard output")
    .addHelpText("after", EXAMPLES)
    .action(watch);
}

/** `--verdict`: one acknowledgement with a verdict, which weights are learned from. */
async function sayVerdict(id: string, { url, is: verdict, fell: region, token }: WatchOptions): Promise<void> {
  const base = url.replace(/^ws/, "http").replace(/\/ws$/, "");
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const body = JSON.stringify({ verdict, ...(region === undefined ? {} : { region }), by: userInfo().username });
  const path = `${base}/api/v1/alerts/${encodeURIComponent(id)}/ack`;
  const response = await fetch(path, { method: "POST", headers, body }).catch((error: unknown) => {
    throw new HashfallError("SERVICE_UNREACHABLE", `${base}: ${messageOf(error)}`, { kind: "temporary", cause: error });
  });
  if (response.ok) {
    process.stdout.write(`${id}: ${verdict}${region === undefined ? "" : ` (${region})`} is noted\n`);
    return;
  }
  const said = (await response.json().catch(() => ({}))) as { detail?: unknown };
  throw new HashfallError("SERVICE_REFUSED", `${base} answered ${response.status}: ${String(said.detail ?? "")}`);
}

async function watch(options: WatchOptions): Promise<void> {
  if (options.verdict !== undefined) return sayVerdict(options.verdict, options);

  const { region, network, minSeverity, since, token } = options;
  const filter: AlertsFilter = {
    ...(region ? { regions: region } : {}),
    ...(network ? { networks: network } : {}),
    ...(minSeverity ? { minSeverity } : {}),
  };
  const stop = new AbortController();
  untilStopped().then(
    () => stop.abort(),
    () => {},
  );
  // `hashfall watch | head` ends the reader first; that is no fault.
  process.stdout.on("error", () => stop.abort());
  const colour = process.stdout.isTTY === true;
  const say = (alert: DeliveredAlert): void => {
    process.stdout.write(`${options.json ? escapeJson(JSON.stringify(alert)) : alertLine(alert, { colour })}\n`);
  };
  const client = { url: options.url, alerts: filter, ...(since ? { since } : {}), ...(token ? { token } : {}) };
  const note = (text: string): void => void process.stderr.write(`hashfall: ${escapeControls(text)}\n`);
  try {
    const place = await watchAlerts(client, { alert: say, note }, stop.signal);
    if (place !== undefined) note(`go on from here with --since ${place}`);
  } catch (error) {
    throw new HashfallError("WATCH_REFUSED", `${options.url} refused: ${messageOf(error)}`, { cause: error });
  }
}

/** `http://host:8080` is taken as well: it is what the service prints at start. */
function socketUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !["ws:", "wss:", "http:", "https:"].includes(url.protocol))
    throw new InvalidArgumentError("a URL like ws://127.0.0.1:8080/ws");
  url.protocol = url.protocol.replace("http", "ws");
  if (url.pathname === "/") url.pathname = "/ws";
  return url.href;
}

function oneRegion(text: string): string {
  return regions(text, undefined)[0] ?? text;
}

function regions(text: string, before: readonly string[] | undefined): readonly string[] {
  const codes = text.split(",").map((code) => code.trim().toUpperCase());
  const wrong = codes.find((code) => !isRegionCode(code));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is no region like KZ or US-TX`);
  return [...(before ?? []), ...codes];
}

function cursor(text: string): string {
  if (!parseCursor(text)) throw new InvalidArgumentError("the cursor of an event, like e1~1641379800000-0");
  return text;
}
