import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    include: ["test/**/*.test.ts"],
    // Proofs that take minutes have commands of their own (see package.json).
    exclude: ["test/ops/**", "test/false-alarms/**", "test/bench/**", "test/trust/long/**", "node_modules/**"],
    // Three times what the slowest test takes on two idle cores: a busy machine fails nothing.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Files share what a worker has loaded: loading it anew for each of them took a sixth of the whole run.
    isolate: false,
    // More than the cores: many tests wait for a socket, a browser or a process most of their time.
    maxWorkers: 3,
    // `npm test -- --coverage`, as .ci/run calls it. Children and worker threads are not counted.
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/ui/**"],
      reporter: ["text-summary", "json-summary"],
      reportOnFailure: true,
      // A point under what was reached when the gate was set (92.2 and 82.3). Raise it when more is reached.
      thresholds: { lines: 91, branches: 81 },
    },
  },
});
