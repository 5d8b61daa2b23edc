import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type DecideDeps, decide } from "../../src/jobs/decide.ts";
import { type Engine, makeEngine } from "../../src/jobs/engine.ts";
import type { Sample } from "../../src/model/sample.ts";
import { isoTime } from "../../src/model/tick.ts";
import { INTERVAL_MS, type PushServer, send, startPushServer } from "./push-support.ts";
import { networkConfig, TICK } from "./support.ts";

let t: PushServer;
let now = TICK;
beforeEach(async () => {
  now = TICK;
  const data = { now: () => now };
  t = await startPushServer({}, { clocks: { data, real: { now: () => Date.now() }, speed: 1 } });
});
afterEach(() => t.end());

const row = (at: number, hashrate: number): string =>
  JSON.stringify({ at: isoTime(at), pool: "antpool", region: "KZ", hashrate });

/** The detector itself; `before` runs between its reading and its commit, `given` keeps what it was given. */
function watched(before: () => Promise<void> = async () => undefined): Engine & { given: Sample[] } {
  const engine = makeEngine([networkConfig().model]);
  const given: Sample[] = [];
  return {
    given,
    kept: (network) => engine.kept(network),
    async run(request) {
      given.splice(0, given.length, ...request.ticks.flatMap((tick) => tick.rows));
      await before();
      return engine.run(request);
    },
    stop: () => engine.stop(),
  };
}

async function decideTick(tick: number, engine: Engine) {
  const deps: DecideDeps = {
    samples: t.store.samples,
    states: t.store.states,
    engine,
    real: { now: () => Date.now() },
    logger: pino({ level: "silent" }),
    onCommitted: () => undefined,
  };
  const generation = await t.store.generations.register("c0ffee");
  return decide({ network: "bitcoin", throughTick: tick, configHash: "c0ffee", generation }, deps);
}

it("pushed regional rows are what the next decision sees of the region", async () => {
  const engine = watched();
  let view: Awaited<ReturnType<typeof decideTick>>["view"];
  for (let n = 1; n <= 24; n++) {
    const tick = TICK + n * INTERVAL_MS;
    now = tick - 20_000;
    expect((await send(t, row(now, 9e18 + n * 1e15))).body.added).toBe(1);
    now = tick;
    // A poll that nobody answered: the tick is decided all the same.
    await t.store.samples.append("bitcoin", tick, INTERVAL_MS, []);
    view = (await decideTick(tick, engine)).view;
    expect(engine.given).toMatchObject([{ source: "push:farm-kz", region: "KZ", hashrate: 9e18 + n * 1e15 }]);
  }
  expect(view?.rejected).toEqual({});
  expect(view?.sources).toEqual([{ source: "push:farm-kz", verdict: "ok" }]);
  const kz = view?.regions.find(({ region }) => region === "KZ");
  expect(Math.abs((kz?.hashrate ?? 0) / 9e18 - 1)).toBeLessThan(0.01);
});

it("a push for the tick that is being decided is in that decision", async () => {
  const tick = TICK + INTERVAL_MS;
  await t.store.samples.append("bitcoin", tick, INTERVAL_MS, []);
  now = tick + 500;
  let late = true;
  const engine = watched(async () => {
    if (late) expect((await send(t, row(tick - 1000, 9e18))).body.added).toBe(1);
    late = false;
  });
  expect(await decideTick(tick, engine)).toMatchObject({ outcome: "done", ticks: 1 });
  expect(engine.given).toMatchObject([{ region: "KZ", hashrate: 9e18 }]);
});

it("a push for a tick that was decided is in the next decision", async () => {
  const tick = TICK + INTERVAL_MS;
  await t.store.samples.append("bitcoin", tick, INTERVAL_MS, []);
  const engine = watched();
  await decideTick(tick, engine);
  now = tick + 500;
  expect((await send(t, row(tick - 1000, 9e18))).body).toMatchObject({ added: 0, moved: 1 });
  expect(await decideTick(tick + INTERVAL_MS, engine)).toMatchObject({ outcome: "done", ticks: 1 });
  expect(engine.given).toMatchObject([{ at: tick + INTERVAL_MS, observedAt: tick - 1000, hashrate: 9e18 }]);
});
