// Adds to package-lock.json the optional platform packages that npm left out.
//
// npm drops an optional dependency from the lock when the registry at hand does not serve that platform's package,
// and `npm ci` then refuses the lock ("Missing: ... from lock file"). An entry with the version alone is enough:
// npm fetches only the packages of its own platform. Run after every change of dependencies: `node .ci/complete-lock.mjs`.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = ["android", "darwin", "freebsd", "linux", "win32", "openharmony", "aix", "sunos", "openbsd", "netbsd"];
const processors = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el"];
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const wanted = `node_modules/${name}`;
    if (path === "" || lock.packages[wanted] || lock.packages[`${path}/node_modules/${name}`]) continue;
    const words = name.split(/[/-]/);
    const os = systems.filter((s) => words.includes(s));
    const cpu = processors.filter((c) => words.includes(c));
    if (os.length === 0 || !/^\d/.test(version)) continue;
    lock.packages[wanted] = {
      version,
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os,
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} platform entries added`);
