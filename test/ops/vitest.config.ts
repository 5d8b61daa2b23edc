import { defineConfig } from "vitest/config";

// Proofs that take minutes: whole processes, killed and started again.
export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    include: ["test/ops/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
