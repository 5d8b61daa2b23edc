import { defineConfig } from "vitest/config";

// Long random runs: `npm run test:false-alarms`. They print what they measure; a failure prints its seed.
export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    include: ["test/false-alarms/**/*.test.ts"],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
    maxWorkers: 1,
  },
});
