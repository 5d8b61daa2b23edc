/**
 * The core alone, beside the least that could be done with the same rows (a weighted sum per region), and beside a real
 * Prometheus that evaluates robust bands of the same series, where there is one.
 */
import { built, finish, LARGEST } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { startBands } from "../prometheus-bands.mjs";
import { measured, quantile } from "../statistics.mjs";
import { modelOf, seededRandom, ticks } from "../world.mjs";

const { createDetector } = await import(built("detect/detector.js"));

/** Pools, regions, ticks, the first ticks that warm the code and the rows, and how often Prometheus evaluates. */
const SIZES = [
  [16, 13, 3000, 400, 60],
  [500, 50, 560, 300, 20],
  [3000, 100, 310, 290, 3],
].filter(([pools]) => pools <= LARGEST);
/** A tick this many times the median is a cliff. */
const CLIFF = 10;

/** What every region has by the weights: the least that a monitor of regions computes. */
function regionalSums(model, rows) {
  const rate = new Map(rows.map(({ pool, hashrate }) => [pool, hashrate]));
  const sums = new Map();
  for (const { id, regions } of model.pools) {
    for (const { region, weight } of regions) sums.set(region, (sums.get(region) ?? 0) + weight * rate.get(id));
  }
  return sums;
}

async function measure([pools, regions, count, warm, evaluations]) {
  const uniform = seededRandom(1);
  const model = modelOf(pools, regions, uniform);
  const detector = createDetector(model);
  let state = detector.initial();
  const times = { core: [], sum: [] };
  const series = [];
  for (const tick of ticks(model, count, count - Math.min(150, count - warm), uniform)) {
    const from = performance.now();
    state = detector.advance(state, tick).state;
    const between = performance.now();
    regionalSums(model, tick.rows);
    times.sum.push(performance.now() - between);
    times.core.push(between - from);
    series.push(tick);
  }
  const core = times.core.slice(warm);
  const name = `${pools} x ${regions}`;
  const ours = measured(core);
  const bands = await startBands(series.slice(-300), evaluations);
  return [
    figure(`${name}: a tick`, "ms", {
      ...{ ours, rival: "weighted sum per region", theirs: measured(times.sum.slice(warm)) },
      limit: "processor time",
    }),
    figure(`${name}: a tick`.concat(" (bands)"), "ms", {
      ...{
        ours,
        rival: "Prometheus, robust band per pool",
        theirs: bands === null ? null : measured(bands),
        mark: 0.1,
      },
      limit: "processor time",
    }),
    figure(`${name}: slowest tick`, "ms", {
      ...{ ours: quantile(core, 1), rival: "its own median", theirs: ours, mark: CLIFF },
      limit: "the full sum over onsets, ramps and sizes when something may have fallen",
    }),
    figure(`${name}: time a sample`, "us", {
      ours: (1000 * core.reduce((a, b) => a + b)) / (core.length * pools),
      ...(pools === 16 ? {} : { rival: "the smallest size", theirs: smallest }),
    }),
  ];
}

let smallest = null;
const figures = [];
for (const size of SIZES) {
  const found = await measure(size);
  smallest ??= found.at(-1).ours.median;
  figures.push(...found);
}
finish(figures);
