import { defineConfig } from "vitest/config";

// The proof of trust: `npm run trust`. FAULTS and SEED say how many faults and which run; without SEED it is a new one.
const seed = process.env.SEED ?? String(Date.now() % 1_000_000);
console.log(`SEED=${seed} repeats this run.`);

export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    include: ["test/trust/**/*.test.ts"],
    // Of each parser; the whole of a configuration and of a pool's API take a share of it.
    env: { MUTATIONS: process.env.MUTATIONS ?? "100000", SEED: seed },
    // As in the configuration of `npm test`, which runs these files too.
    expect: { poll: { timeout: 120_000, interval: 20 } },
    testTimeout: 2_400_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
