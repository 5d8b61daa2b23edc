/** `hashfall weights`: configured region weights beside what falls have taught a running service of them. */
import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { stringify } from "yaml";
import { z } from "zod";
import { loadConfigFile } from "../config/load.ts";
import { defaultConfigPath } from "../config/paths.ts";
import { weightsItem } from "../deliver/http/routes/weights.ts";
import { WeightsItem } from "../deliver/http/schemas.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { formatShare } from "../model/format.ts";
import { textTable, wrapText } from "./check/table.ts";

interface WeightsOptions {
  readonly config?: string;
  readonly url: string;
  readonly write?: string;
  readonly reset?: true;
  readonly json?: true;
  readonly token?: string;
}

type Weights = z.infer<typeof WeightsItem>;

const Answer = z.object({ items: z.array(WeightsItem) });
const ANSWER_MS = 15_000;

const EXAMPLES = `
Examples:
  $ hashfall weights                              what the service on this machine believes
  $ hashfall weights --config my.yaml             configured weights alone; no service is asked
  $ hashfall weights --write config/learned.yaml  a file of weights with what was learned, to name under \`weights:\`
  $ hashfall weights --reset                      forget everything that was learned`;

export function weightsCommand(): Command {
  return new Command("weights")
    .description("Configured and learned weights, with date, spread and what they were learned from.")
    .option("--config <file>", "show what is configured there, and ask no service")
    .option("--url <url>", "where hashfall serves", "http://127.0.0.1:8080")
    .option("--write <file>", "write a file of region weights with what was learned")
    .option("--reset", "forget everything that was learned; a token needs the scope write")
    .option("--json", "print JSON")
    .addOption(new Option("--token <token>", "when the server asks for one").env("HASHFALL_TOKEN"))
    .addHelpText("after", EXAMPLES)
    .action(weights);
}

async function weights(options: WeightsOptions): Promise<void> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  if (options.reset) {
    await ask(options, "DELETE");
    say("What was learned is forgotten at the next tick.");
    return;
  }
  const items =
    options.config === undefined ? Answer.parse(await ask(options, "GET")).items : await configured(options.config);
  if (options.write !== undefined) {
    await writeFile(options.write, weightsFile(items));
    say(`${options.write}: weights of ${items.map(({ network }) => network).join(", ")}`);
    return;
  }
  say(options.json ? JSON.stringify(items, null, 2) : items.map(report).join("\n\n"));
}

async function configured(file: string): Promise<Weights[]> {
  const { networks } = await loadConfigFile(file === "" ? defaultConfigPath() : file);
  return networks.map((network) => weightsItem(network, undefined));
}

async function ask({ url, token }: WeightsOptions, method: "GET" | "DELETE"): Promise<unknown> {
  const base = url.replace(/\/+$/, "");
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`${base}/api/v1/weights`, { method, headers, signal: AbortSignal.timeout(ANSWER_MS) });
    body = await response.json();
  } catch (error) {
    const why = `${base} does not answer as hashfall does (${messageOf(error)}); --config FILE shows what is configured`;
    throw new HashfallError("SERVICE_UNREACHABLE", why, { kind: "temporary" });
  }
  if (response.ok) return body;
  const detail = z.object({ detail: z.string() }).safeParse(body).data?.detail ?? "not a hashfall service";
  const kind = response.status >= 500 ? "temporary" : "mistake";
  throw new HashfallError("SERVICE_REFUSED", `${base} answered ${response.status}: ${detail}`, { kind });
}

const shown = (share: { weight: number; sd: number } | undefined): string =>
  share === undefined ? "-" : `${formatShare(share.weight)} ± ${formatShare(share.sd)}`;

/** One network as a table, and what was learned from. */
export function report({ network, learning, revision, labels, weights: all }: Weights): string {
  const isLearned = revision > 0 ? `, learned revision ${revision} from ${labels.length} labelled falls` : "";
  const head = `${network}: ${all.length} weights${learning ? isLearned : ", learning is off (detection.learnWeights)"}`;
  const table = textTable(
    [
      { head: "pool" },
      { head: "region" },
      { head: "configured" },
      { head: "learned" },
      { head: "as of" },
      { head: "source" },
    ],
    all.map((each) => [
      each.pool,
      each.region,
      shown(each.configured),
      shown(each.learned),
      each.asOf ?? "-",
      (each.source ?? "-").slice(0, 48),
    ]),
  );
  const said = labels.map(({ alert, region, by, startedAt }) => [
    startedAt.slice(0, 16),
    region ?? "nothing",
    by,
    alert,
  ]);
  if (said.length === 0) return `${head}\n${table}`;
  const falls = textTable([{ head: "fall" }, { head: "of" }, { head: "said by" }, { head: "alert" }], said);
  return `${head}\n${table}\n\n${wrapText("Learned from:")}\n${falls}`;
}

/** The text of a file of region weights: learned ones where there are any, each with its date and source. */
export function weightsFile(items: readonly Weights[]): string {
  const file = Object.fromEntries(
    items.map(({ network, labels, weights: all }) => {
      const newest = (
        labels
          .map(({ startedAt }) => startedAt)
          .sort()
          .at(-1) ?? ""
      ).slice(0, 10);
      const pools = [...new Set(all.map(({ pool }) => pool))];
      const sections = pools.map((pool) => {
        const regions = all
          .filter((each) => each.pool === pool)
          .map(({ region, configured: stated, learned, asOf, source }) => {
            const count = labels.filter((label) => label.region === region).length;
            const share = learned ?? stated;
            const from =
              learned === undefined ? source : `learned from ${count} labelled falls; before: ${source ?? "not said"}`;
            const date = learned === undefined ? asOf : newest;
            return [
              region,
              {
                weight: Number(share.weight.toFixed(4)),
                sd: Number(share.sd.toFixed(4)),
                ...(date === undefined ? {} : { asOf: date }),
                ...(from === undefined ? {} : { source: from.slice(0, 500) }),
              },
            ];
          });
        return [pool, { regions: Object.fromEntries(regions) }];
      });
      return [network, Object.fromEntries(sections)];
    }),
  );
  return `# Written by hashfall weights --write. That the errors of learned weights go together is not said here: each stands alone.\n${stringify(file, { lineWidth: 0 })}`;
}
