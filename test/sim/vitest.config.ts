import { defineConfig } from "vitest/config";

// Long random runs: `npm run test:sim`. They print what they measure; a failure prints its seed.
export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    include: ["test/sim/**/*.test.ts"],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
    maxWorkers: 1,
  },
});
