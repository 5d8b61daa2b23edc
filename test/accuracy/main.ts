/**
 * hashfall and three rules that people write by hand, on simulated worlds.
 *   npm run accuracy -- [--seeds 1-8] [--families calm,blackout] [--write]
 *   npm run accuracy -- --learned [--seeds 1-40]      what labelled falls are worth
 * Prints the tables; `--write` puts them into test/README.md, and the headline figures into README.md. The same seeds give the same tables.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadConfigFile } from "../../src/config/load.ts";
import { defaultConfigPath } from "../../src/config/paths.ts";
import { simulateTicks } from "../../src/simulate/samples.ts";
import { FAMILIES, type Family, INTERVAL_MS } from "./families.ts";
import { between, figuresOf, headlineTable, reliabilityTable, type ScoreRow, scoreTable } from "./figures.ts";
import { makeHashfall } from "./hashfall.ts";
import { judge, type Opening, type Verdict } from "./judge.ts";
import { learnedTable } from "./learned-weights.ts";
import { makeRival } from "./rivals/rival.ts";
import { RULES } from "./rivals/rules.ts";
import { parseSeeds } from "./seeds.ts";
import type { Statement } from "./statement.ts";

const DAY_MS = 86_400_000;
/** Nobody can be alarmed during the first day: rules and detector are cold. */
const COLD_MS = DAY_MS;

interface Scored {
  readonly days: number;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

function scoreWorld(family: Family, seed: number): Scored {
  const { scenario, until, falls, model } = family.make(seed);
  const contestants = [makeHashfall(model), ...RULES.map((rule) => makeRival(rule, model))];
  const said = new Map<string, Statement[]>(contestants.map(({ name }) => [name, []]));
  for (const { at, samples } of simulateTicks(scenario, seed, {
    from: scenario.startsAt,
    to: until,
    intervalMs: INTERVAL_MS,
  })) {
    for (const contestant of contestants) said.get(contestant.name)!.push(...contestant.tick(at, samples));
  }
  return {
    days: (until - scenario.startsAt - COLD_MS) / DAY_MS,
    verdicts: new Map([...said].map(([name, statements]) => [name, judge(falls, statements)])),
  };
}

function describeWorld({ verdicts }: Scored): string {
  const parts = [...verdicts].map(
    ([name, v]) => `${name}: ${v.named}/${v.falls} named, ${v.wrong} wrong, ${v.false} false`,
  );
  return parts.join("; ");
}

function writeBetween(path: string, parts: Readonly<Record<string, string>>): void {
  let text = readFileSync(path, "utf8");
  for (const [name, content] of Object.entries(parts)) text = between(text, name, content);
  writeFileSync(path, text);
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1-8" },
      families: { type: "string", default: FAMILIES.map(({ name }) => name).join(",") },
      write: { type: "boolean", default: false },
      learned: { type: "boolean", default: false },
    },
  });
  const seeds = parseSeeds(values.seeds);
  if (values.learned) {
    const [bitcoin] = (await loadConfigFile(defaultConfigPath(), { env: {} })).networks;
    if (bitcoin !== undefined) console.log(learnedTable(bitcoin.model, seeds));
    return;
  }
  const families = values.families.split(",").map((name) => {
    const found = FAMILIES.find((family) => family.name === name.trim());
    if (found === undefined) {
      throw new RangeError(`there is no family "${name}"; there are ${FAMILIES.map((each) => each.name).join(", ")}`);
    }
    return found;
  });
  const rows: ScoreRow[] = [];
  const openings: Opening[] = [];
  let done = 0;
  for (const family of families) {
    const scored: Scored[] = [];
    for (const seed of seeds) {
      const world = scoreWorld(family, seed);
      scored.push(world);
      done += 1;
      console.error(`[${done}/${families.length * seeds.length}] ${family.name} seed ${seed}: ${describeWorld(world)}`);
    }
    const days = scored.reduce((total, world) => total + world.days, 0);
    for (const contestant of scored[0]!.verdicts.keys()) {
      const verdicts = scored.map((world) => world.verdicts.get(contestant)!);
      rows.push({ family: family.name, contestant, figures: figuresOf(verdicts, days) });
      if (contestant === "hashfall") openings.push(...verdicts.flatMap((verdict) => verdict.openings));
    }
  }
  const command = `npm run accuracy -- --seeds ${values.seeds} --write`;
  const caption = `Worlds of each family: ${seeds.length} (seeds ${values.seeds}; \`${command}\`).`;
  const legend = families.map(({ name, what }) => `- \`${name}\`: ${what}`).join("\n");
  const score = `${caption}\n\n${scoreTable(rows)}\n\n${legend}`;
  const reliability = reliabilityTable(openings);
  console.log(`${score}\n\n${reliability}`);
  if (!values.write) return;
  writeBetween("test/README.md", { score, reliability });
  writeBetween("README.md", { headline: headlineTable(rows) });
}

try {
  await run();
} catch (error) {
  if (!(error instanceof RangeError || (error instanceof Error && "code" in error))) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
