/**
 * The threshold against the budget, by simulation: worlds in which nothing regional happens, run through the built core.
 *   npm run --silent build && node test/sim/false-alarms.mjs [worlds] [days] [budget]
 * Prints false regional alerts in 30 days for the budget and for a hundred times as much: the first must stay under its budget,
 * the second shows that the threshold is what keeps it. Pools wander, have outages and averaging windows; figures carry noise.
 */
const dist = process.env.HASHFALL_DIST ?? new URL("../../dist/", import.meta.url).href;
const { createDetector } = await import(new URL("detect/detector.js", dist).href);

const [worlds = 10, days = 30, budget = 0.1] = process.argv.slice(2).map(Number);
const START = Date.UTC(2022, 0, 1);
const INTERVAL = 300_000;
const REGIONS = ["US", "KZ", "RU", "CA", "DE", "NO", "OTHER"];

/** Uniform numbers in [0, 1) from a seed: the linear congruential generator of Numerical Recipes. */
function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

function modelOf(uniform, falseAlarmsPerMonth) {
  return {
    network: "sim",
    intervalSeconds: 300,
    configHash: "sim",
    detection: {
      falseAlarmsPerMonth,
      newRegimeAfterSeconds: 14 * 86_400,
      severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
    },
    pools: Array.from({ length: 14 }, (_, p) => {
      const parts = REGIONS.map(() => uniform() ** 2);
      const sum = parts.reduce((a, b) => a + b);
      return {
        id: `pool${p + 10}`,
        windowSeconds: [600, 900, 3600, 3600, 10_800][p % 5],
        regions: REGIONS.map((region, r) => ({ region, weight: parts[r] / sum, sd: (0.25 * parts[r]) / sum })),
      };
    }),
  };
}

function falseAlarms(seed, falseAlarmsPerMonth) {
  const uniform = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const model = modelOf(uniform, falseAlarmsPerMonth);
  const detector = createDetector(model);
  let state = detector.initial();
  const pools = model.pools.map((pool) => ({
    ...pool,
    wander: 0,
    walk: 0,
    until: 0,
    left: 1,
    past: [],
    size: 1e18 * (1 + 20 * uniform()),
  }));
  let opened = 0;
  for (let k = 1; k <= days * 288; k++) {
    const at = START + k * INTERVAL;
    const rows = pools.map((pool) => {
      pool.wander = 0.96 * pool.wander + 0.0028 * normal();
      pool.walk += 0.0009 * normal();
      // An outage of its own about once in twenty days, for hours.
      if (k >= pool.until) pool.left = 1;
      if (uniform() < 1 / (20 * 288)) {
        pool.until = k + 6 + 90 * uniform();
        pool.left = 0.9 * uniform();
      }
      pool.past.push(pool.size * Math.exp(pool.wander + pool.walk) * pool.left);
      if (pool.past.length > pool.windowSeconds / 300) pool.past.shift();
      const mean = pool.past.reduce((a, b) => a + b) / pool.past.length;
      return { kind: "rate", at, pool: pool.id, hashrate: mean * Math.exp(0.005 * normal()) };
    });
    const done = detector.advance(state, { at, rows });
    state = done.state;
    opened += done.events.filter((event) => event.scope === "region" && event.type === "opened").length;
  }
  return opened;
}

for (const of of [budget, 100 * budget]) {
  let opened = 0;
  for (let seed = 1; seed <= worlds; seed++) opened += falseAlarms(seed, of);
  const rate = (opened / (worlds * days)) * 30;
  console.log(
    `budget ${of} in 30 days: ${opened} false regional alerts in ${worlds * days} days, ${rate.toFixed(3)} in 30 days`,
  );
}
