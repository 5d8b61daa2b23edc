/**
 * Speed of the detector: samples a second at 16 pools x 13 regions, and tick times at 500 pools x 50 regions.
 *   npm run --silent build && node test/bench/detect-speed.mjs
 * Prints; judges nothing, since machines differ.
 */
const dist = process.env.HASHFALL_DIST ?? new URL("../../dist/", import.meta.url).href;
const { createDetector } = await import(new URL("detect/detector.js", dist).href);

const START = Date.UTC(2022, 0, 1);
const INTERVAL = 300_000;

/** Uniform numbers in [0, 1) from a seed: the linear congruential generator of Numerical Recipes. */
function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

function modelOf(pools, regions, uniform) {
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
function* ticks(model, count, fallAt, uniform) {
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

function measure(name, pools, regions, count) {
  const uniform = seededRandom(1);
  const model = modelOf(pools, regions, uniform);
  const detector = createDetector(model);
  let state = detector.initial();
  const times = [];
  let opened = 0;
  for (const tick of ticks(model, count, count - 150, uniform)) {
    const began = performance.now();
    const done = detector.advance(state, tick);
    times.push(performance.now() - began);
    state = done.state;
    opened += done.events.filter((event) => event.type === "opened").length;
  }
  const sum = times.reduce((a, b) => a + b);
  const warm = times.slice(300).sort((a, b) => a - b);
  const at = (q) => warm[Math.min(warm.length - 1, Math.floor(q * warm.length))].toFixed(3);
  const rate = Math.round((count * pools) / (sum / 1000)).toLocaleString("en");
  const bytes = detector.encode(state).length;
  console.log(`${name}: ${rate} samples/s; tick ms median ${at(0.5)} p90 ${at(0.9)} p99 ${at(0.99)} max ${at(1)}`);
  console.log(`${name}: ${opened} alerts opened, state ${Math.round(bytes / 1024)} kB`);
}

measure("16 pools x 13 regions", 16, 13, 6000);
measure("500 pools x 50 regions", 500, 50, 700);
