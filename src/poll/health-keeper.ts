/** Keeps the health of a network's sources up to date in the store, and reports sources that begin or stop failing. */
import type { SourceHealth } from "../model/source-health.ts";
import type { SourceHealthStore } from "../store/source-health.ts";
import type { PollEvent } from "./events.ts";
import { healthAfter } from "./source-health.ts";

export interface HealthKeeperDeps {
  readonly health: SourceHealthStore;
  /** Called when a source began to fail, and when it answers again. */
  readonly onChange: (network: string, health: SourceHealth) => void;
  /** Called with all of a network's sources after every tick. */
  readonly onHealth: (network: string, all: readonly SourceHealth[]) => void;
  readonly onError: (error: unknown) => void;
}

export interface HealthKeeper {
  /** Takes every event of a poller. */
  take(event: PollEvent): void;
  /** Resolves when every taken event is stored. */
  settled(): Promise<void>;
}

/** @param sources ids of the network's sources and witnesses: others are forgotten */
export function makeHealthKeeper(network: string, sources: readonly string[], deps: HealthKeeperDeps): HealthKeeper {
  const known = new Set(sources);
  let taken: Extract<PollEvent, { type: "asked" }>[] = [];
  let writing: Promise<void> = Promise.resolve();

  async function write(answers: typeof taken): Promise<void> {
    // Read again: with several pollers another one may have polled the tick before.
    const before = await deps.health.read(network);
    const after = new Map([...before].filter(([source]) => known.has(source)));
    for (const answer of answers) after.set(answer.source, healthAfter(after.get(answer.source), answer));
    await deps.health.write(network, after.values());
    for (const health of after.values()) {
      const failed = before.get(health.source)?.state === "failing";
      if (failed !== (health.state === "failing")) deps.onChange(network, health);
    }
    deps.onHealth(network, [...after.values()]);
  }

  return {
    take(event) {
      if (event.type === "asked") taken.push(event);
      if (event.type !== "polled" && event.type !== "failed") return;
      const answers = taken;
      taken = [];
      writing = writing.then(() => write(answers)).catch(deps.onError);
    },
    settled: () => writing,
  };
}
