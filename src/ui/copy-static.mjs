/** Puts the page's files that need no compiler beside the compiled ones. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
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
preloadModules();

/** Names every module in the page's head: found one import after the other, they would cost a round trip for each level. */
function preloadModules() {
  const built = dirname(out);
  const modules = new Set();
  const follow = (path) => {
    if (modules.has(path)) return;
    modules.add(path);
    for (const [, from] of readFileSync(path, "utf8").matchAll(/^(?:import|export)\b[^"]*"(\.[^"]+)";?$/gm))
      follow(resolve(dirname(path), from));
  };
  follow(join(out, "main.js"));
  const page = join(out, "index.html");
  const own = '<link rel="modulepreload" href="ui/main.js">';
  const links = [...modules].map((path) => `<link rel="modulepreload" href="${relative(built, path)}">`);
  writeFileSync(page, readFileSync(page, "utf8").replace(own, links.join("\n    ")));
}
