import { defineConfig } from "vitest/config";

// npx vitest run --config test/bench/blocks/vitest.config.ts   (BLOCK_YEARS=20 for the figures that the code quotes)
export default defineConfig({
  test: { include: ["test/bench/blocks/**/*.test.ts"], testTimeout: 3_600_000, disableConsoleIntercept: true },
});
