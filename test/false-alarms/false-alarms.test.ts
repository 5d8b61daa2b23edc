/**
 * The budget of false alarms, by simulation: worlds in which no region falls, at three budgets. Fails when a budget is
 * exceeded by more than chance allows (one in a hundred).
 *   npm run test:false-alarms                    SIM_SEED=5 SIM_WORLDS=24 npm run test:false-alarms
 */
import { expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import { fleetOf } from "./fleet.ts";
import { atLeast, poissonInterval } from "./poisson.ts";
import { KINDS, type Kind, quietWorld } from "./quiet-worlds.ts";

const SEED = Number(process.env.SIM_SEED ?? 1);
/** Worlds a budget, of all kinds together; a month each. */
const WORLDS = Number(process.env.SIM_WORLDS ?? 60);
const BUDGETS = (process.env.SIM_BUDGETS ?? "0.1,1,10").split(",").map(Number);
const WARM_DAYS = 1;
const DAYS = 30;
const SURPRISE = 0.01;

/** What opened in a month of one world, as lines for a person. */
function openings(kind: Kind, seed: number, budget: number): string[] {
  const fleet = fleetOf(seed, budget);
  const detector = createDetector(fleet.model);
  let state = detector.initial();
  const found: string[] = [];
  for (const tick of quietWorld(fleet, kind, seed + 1, DAYS + WARM_DAYS)) {
    const done = detector.advance(state, tick);
    state = done.state;
    for (const event of done.events) {
      if (event.scope !== "region" || event.type !== "opened") continue;
      const name = event.region ?? event.candidates?.map(({ region }) => region).join("/");
      found.push(`${kind}, seed ${seed}: ${name} at ${event.at}, drop ${event.drop?.estimate}`);
    }
  }
  return found;
}

it.each(BUDGETS)("a budget of %d false regional alerts in 30 days is kept", (budget) => {
  const counts = new Map<Kind, { worlds: number; opened: number }>(
    KINDS.map((kind) => [kind, { worlds: 0, opened: 0 }]),
  );
  const all: string[] = [];
  for (let world = 0; world < WORLDS; world++) {
    const kind = KINDS[world % KINDS.length]!;
    const found = openings(kind, SEED * 100_000 + world * 10, budget);
    const count = counts.get(kind)!;
    count.worlds += 1;
    count.opened += found.length;
    all.push(...found);
    if (process.stderr.isTTY) process.stderr.write(`\rbudget ${budget}: ${world + 1} of ${WORLDS} worlds\u001b[K`);
    else if ((world + 1) % 12 === 0)
      console.log(`budget ${budget}: ${world + 1} of ${WORLDS} worlds, ${all.length} opened`);
  }
  const { low, high } = poissonInterval(all.length);
  const per = (count: number): string => (count / WORLDS).toFixed(2);
  const kinds = [...counts].map(([kind, { worlds, opened }]) => `${kind} ${opened} in ${worlds}`).join(", ");
  console.log(
    `budget ${budget}: ${all.length} in ${WORLDS} months, ${per(all.length)} in 30 days (95 %: ${per(low)} to ${per(high)}); ${kinds}`,
  );
  if (budget <= 1) for (const line of all) console.log(`  ${line}`);
  expect(atLeast(all.length, budget * WORLDS), `SIM_SEED=${SEED}\n${all.join("\n")}`).toBeGreaterThan(SURPRISE);
});
