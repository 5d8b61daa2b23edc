import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    include: ["test/**/*.test.ts"],
    // Proofs that take minutes have commands of their own (see package.json).
    exclude: ["test/ops/**", "test/false-alarms/**", "test/bench/**", "test/trust/long/**", "node_modules/**"],
    // Far beyond what the slowest test takes on two idle cores: these limits end what hangs, a busy machine fails nothing.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A second, as is usual, is too little on a busy machine for what a socket, a process or a job has yet to do.
    expect: { poll: { timeout: 120_000, interval: 20 } },
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
