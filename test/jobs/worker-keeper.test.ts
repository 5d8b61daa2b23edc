import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import type { DetectWorker } from "../../src/jobs/detect-worker.ts";
import { keepWorker, type WorkerKeeper } from "../../src/jobs/worker-keeper.ts";

const logger = pino({ level: "silent" });
let keeper: WorkerKeeper | undefined;
afterEach(() => keeper?.stop());

interface FakeWorker extends DetectWorker {
  readonly generation: number;
  state: { busy: boolean; superseded: boolean; stopped: boolean };
}

function rig(options: { waiting: number; busy?: boolean; superseded?: boolean; own?: number | null }) {
  const workers: FakeWorker[] = [];
  let looks = 0;
  const world = {
    waiting: options.waiting,
    own: options.own ?? null,
    workers,
    async looked(times: number): Promise<void> {
      const until = looks + times;
      await expect.poll(() => looks, { interval: 1 }).toBeGreaterThanOrEqual(until);
    },
  };
  keeper = keepWorker(
    3,
    { idleMs: 40, everyMs: 5 },
    {
      start(generation) {
        const first = workers.length === 0;
        const state = {
          busy: (first && options.busy) ?? false,
          superseded: (first && options.superseded) ?? false,
          stopped: false,
        };
        workers.push({
          generation,
          state,
          lastCompletedAt: () => null,
          busy() {
            looks++;
            return state.busy;
          },
          superseded: () => state.superseded,
          async stop() {
            state.stopped = true;
          },
        });
        return workers.at(-1)!;
      },
      async waiting() {
        looks++;
        return world.waiting;
      },
      async ownGeneration() {
        looks++;
        return world.own;
      },
      logger,
    },
  );
  return world;
}

describe("the keeper of a detect worker", () => {
  it("starts a worker anew that takes no job while jobs wait", async () => {
    const { workers } = rig({ waiting: 2 });
    await expect.poll(() => workers.length, { interval: 5 }).toBe(2);
    expect(workers[0]?.state.stopped).toBe(true);
    expect(workers[1]?.generation).toBe(3);
    expect(keeper?.restarts()).toBe(1);
  });

  it.each([
    ["has nothing to do", { waiting: 0 }],
    ["is at a long job", { waiting: 5, busy: true }],
  ])("leaves one alone that %s", async (_, options) => {
    const world = rig(options);
    await world.looked(40);
    expect(world.workers).toHaveLength(1);
    expect(keeper?.restarts()).toBe(0);
  });

  it("leaves a superseded one waiting until its configuration is in force again, and takes that generation", async () => {
    const world = rig({ waiting: 9, superseded: true });
    await world.looked(20);
    expect(world.workers).toHaveLength(1);
    world.own = 7;
    await expect.poll(() => world.workers.length, { interval: 5 }).toBe(2);
    expect(world.workers[1]?.generation).toBe(7);
    expect(keeper?.restarts()).toBe(0);
  });
});
