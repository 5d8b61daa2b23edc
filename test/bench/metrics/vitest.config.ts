import { defineConfig } from "vitest/config";

// A bench: `npx vitest run --config test/bench/metrics/vitest.config.ts`.
export default defineConfig({
  test: { include: ["test/bench/metrics/*.test.ts"], testTimeout: 120_000, fileParallelism: false },
});
