import { expect, it } from "vitest";
import { loadConfigFile } from "../../src/config/load.ts";
import { defaultConfigPath } from "../../src/config/paths.ts";
import { learnWeights, type Stage } from "./learned-weights.ts";

const SEEDS = [1, 2, 3, 4];
const REPORTING = ["foundryusa", "antpool", "viabtc", "binancepool"];

it.each([
  ["right labels", 0],
  ["a label in ten wrong", 0.1],
])(
  `more falls are named after thirty labels than after none, and no more wrongly, with %s (seeds ${SEEDS})`,
  async (_, wrongLabels) => {
    const [bitcoin] = (await loadConfigFile(defaultConfigPath(), { env: {} })).networks;
    const runs = SEEDS.map((seed) =>
      learnWeights(bitcoin!.model, { seed, reporting: REPORTING, stages: [0, 30], wrongLabels }),
    );
    const sum = (k: number, pick: (stage: Stage) => number) =>
      runs.reduce((total, stages) => total + pick(stages[k]!), 0);
    expect(sum(1, ({ named }) => named)).toBeGreaterThan(1.15 * sum(0, ({ named }) => named));
    expect(sum(1, ({ wrong }) => wrong)).toBeLessThanOrEqual(
      Math.max(
        3,
        sum(0, ({ wrong }) => wrong),
      ),
    );
  },
);
