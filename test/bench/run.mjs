/**
 * `npm run bench [-- PART...]`: measures every part in a process of its own, one after the other. A run of all parts writes
 * the table (README.md) and the numbers (results.json); a run of some prints them, and with `--write` puts them in their
 * place there. With `--check` nothing is written, and the exit status is 1 when a ratio is more than 1.5 times the committed one.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { worseThan } from "./compare.mjs";
import { tableOf } from "./table.mjs";

/** Parts by name, in the order of the table. */
const PARTS = {
  live: "From a sample to the alert at the client",
  sockets: "Fan-out to many clients",
  tick: "The live tick",
  core: "The core alone",
  replay: "Replay of a file",
  processes: "Growth with detect processes",
  start: "Start, memory and imports",
  scrape: "Scrape",
  page: "The page",
};

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const RESULTS = path("results.json");

/** Runs one part; its last line of output is its figures. */
function runPart(name) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--expose-gc", path(`parts/${name}.mjs`)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    child.once("close", (status) => {
      if (status === 0) resolve(JSON.parse(said.trim().split("\n").at(-1)));
      else reject(new Error(`part ${name} ended with status ${status}`));
    });
  });
}

function versionOf(command, pattern) {
  const { stdout, stderr, error } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return error === undefined ? (pattern.exec(stdout + stderr)?.[1] ?? "?") : "absent";
}

/** The run that is committed, as it stands now. */
const committed = () => (existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : { parts: {} });
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const isCheck = process.argv.includes("--check");
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`there is no part ${unknown.join(", ")}; parts are ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}

const isKept = asked.length === 0 || process.argv.includes("--write");
const names = asked.length > 0 ? asked : Object.keys(PARTS);
const parts = {};
for (const name of names) {
  console.error(`bench: ${name} ...`);
  const [began, before] = [performance.now(), loadavg()[0]];
  const figures = await runPart(name);
  parts[name] = {
    title: PARTS[name],
    at: new Date().toISOString(),
    seconds: (performance.now() - began) / 1000,
    load: { before, after: loadavg()[0] },
    figures,
  };
}
const report = {
  versions: {
    Node: process.versions.node,
    Redis: versionOf("redis-server", /v=([\d.]+)/),
    Prometheus: versionOf("prometheus", /version ([\d.]+)/),
    jq: versionOf("jq", /jq-([\d.]+)/),
    Chromium: versionOf("chromium", /Chromium ([\d.]+)/),
  },
  cores: availableParallelism(),
  parts,
};
console.log(tableOf(report));
if (isCheck) {
  const worse = worseThan(committed(), report);
  for (const line of worse) console.error(line);
  if (worse.length === 0) console.error("no ratio is more than 1.5 times worse than the committed one");
  process.exitCode = worse.length === 0 ? 0 : 1;
} else if (isKept) {
  const known = { ...committed().parts, ...parts };
  const whole = {
    ...report,
    parts: Object.fromEntries(Object.keys(PARTS).flatMap((name) => (name in known ? [[name, known[name]]] : []))),
  };
  writeFileSync(RESULTS, `${JSON.stringify(whole, null, 2)}\n`);
  writeFileSync(path("README.md"), tableOf(whole));
}
