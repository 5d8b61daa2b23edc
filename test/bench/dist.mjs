/** The built code that is measured: dist/, or the folder that HASHFALL_DIST names. */
const DIST = process.env.HASHFALL_DIST ?? new URL("../../dist/", import.meta.url).href;

/** Address of a built file, like "detect/detector.js". */
export const built = (path) => new URL(path, DIST).href;

/** Prints a part's figures as its last line, and ends: clients and threads may still be open. */
export function finish(figures) {
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}

/** Most pools that are measured: BENCH_POOLS=500 leaves the largest size out, which takes half of the time. */
export const LARGEST = Number(process.env.BENCH_POOLS ?? 3000);
