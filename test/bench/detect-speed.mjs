/**
 * Speed of the detector: samples a second at 16 pools x 13 regions, and tick times at 500 pools x 50 regions.
 *   npm run --silent build && node test/bench/detect-speed.mjs
 * Prints; judges nothing, since machines differ.
 */
import { modelOf, seededRandom, ticks } from "./detect-world.mjs";

const dist = process.env.HASHFALL_DIST ?? new URL("../../dist/", import.meta.url).href;
const { createDetector } = await import(new URL("detect/detector.js", dist).href);

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
