import { defineConfig } from "vitest/config";

/** Long random runs: `npx vitest run --config test/sim/vitest.config.ts`. A failure prints its seed. */
export default defineConfig({
  test: { include: ["test/sim/**/*.test.ts"], testTimeout: 1_800_000, hookTimeout: 60_000, maxWorkers: 1 },
});
