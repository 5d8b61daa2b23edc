/** Puts the page's files that need no compiler beside the compiled ones. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const out = process.argv[2] ?? join(root, "dist/ui");
const uplot = join(root, "node_modules/uplot/dist");

mkdirSync(join(out, "vendor"), { recursive: true });
for (const name of readdirSync(here).filter((file) => /\.(html|css|svg)$/.test(file)))
  copyFileSync(join(here, name), join(out, name));
copyFileSync(join(here, "world/world.json"), join(out, "world.json"));
copyFileSync(join(uplot, "uPlot.esm.js"), join(out, "vendor/uplot.js"));
copyFileSync(join(uplot, "uPlot.min.css"), join(out, "vendor/uplot.css"));
