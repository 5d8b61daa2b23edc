/** Pools and figures of the benches: independent wander, and one region that may fall. */
const START = Date.UTC(2022, 0, 1);
const INTERVAL = 300_000;

/** Uniform numbers in [0, 1) from a seed: the linear congruential generator of Numerical Recipes. */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

export function modelOf(pools, regions, uniform) {
  return {
    network: "bench",
    intervalSeconds: 300,
    configHash: "bench",
    detection: {
      falseAlarmsPerMonth: 0.1,
      newRegimeAfterSeconds: 14 * 86_400,
      severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
    },
    pools: Array.from({ length: pools }, (_, p) => {
      const parts = Array.from({ length: regions }, () => uniform() ** 3);
      const sum = parts.reduce((a, b) => a + b);
      return {
        id: `pool${String(p).padStart(4, "0")}`,
        windowSeconds: [600, 900, 3600, 3600, 10_800][p % 5],
        regions: parts.map((part, r) => ({ region: `R${r}`, weight: part / sum, sd: (0.25 * part) / sum })),
      };
    }),
  };
}

/** Figures of independent pools; `fall` takes a region's part away from a tick on. */
export function* ticks(model, count, fallAt, uniform) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const wander = model.pools.map(() => 0);
  const size = model.pools.map(() => 1e18 * (1 + 20 * uniform()));
  for (let k = 1; k <= count; k++) {
    const rows = model.pools.map((pool, p) => {
      wander[p] = 0.96 * wander[p] + 0.003 * normal();
      const lost = k >= fallAt && k < fallAt + 100 ? 0.7 * pool.regions[1].weight : 0;
      const hashrate = size[p] * Math.exp(wander[p] + 0.005 * normal()) * (1 - lost);
      return { kind: "rate", at: START + k * INTERVAL, pool: pool.id, hashrate };
    });
    yield { at: START + k * INTERVAL, rows };
  }
}
