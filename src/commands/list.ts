/** The commands by name. Each is loaded when it is asked for, so that `hashfall --help` answers at once. */
import type { Command } from "commander";

export interface CommandEntry {
  readonly name: string;
  /** One line in `hashfall --help`. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** In the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "start",
    summary: "run the service: poll, detect, serve",
    load: async () => (await import("./start.ts")).startCommand(),
  },
  {
    name: "demo",
    summary: "the whole service against simulated pools, faster than life, without internet",
    load: async () => (await import("./demo.ts")).demoCommand(),
  },
  {
    name: "replay",
    summary: "run history through the detector: samples in, alerts out",
    load: async () => (await import("./replay.ts")).replayCommand(),
  },
  {
    name: "simulate",
    summary: "write a scenario's samples and labels, or serve them as pool APIs",
    load: async () => (await import("./simulate.ts")).simulateCommand(),
  },
  {
    name: "export",
    summary: "stored samples as NDJSON, ready for replay",
    load: async () => (await import("./export.ts")).exportCommand(),
  },
  {
    name: "check",
    summary: "a configuration's faults, and what its pools can and cannot tell apart",
    load: async () => (await import("./check.ts")).checkCommand(),
  },
  {
    name: "watch",
    summary: "alerts in the terminal, as they come",
    load: async () => (await import("./watch.ts")).watchCommand(),
  },
  {
    name: "weights",
    summary: "region weights: configured, and learned from falls",
    load: async () => (await import("./weights.ts")).weightsCommand(),
  },
  {
    name: "explain",
    summary: "the evidence of an alert, computed again",
    load: async () => (await import("./explain.ts")).explainCommand(),
  },
  {
    name: "webhook",
    summary: "send a marked test message to a webhook",
    load: async () => (await import("./webhook.ts")).webhookCommand(),
  },
];
