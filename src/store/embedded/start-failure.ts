/** Says why a redis-server did not start, from its last lines, and what to do about it. */
import { join } from "node:path";
import { HashfallError } from "../../model/errors.ts";

const AOF_DAMAGED =
  /Bad file format reading the append only file|AOF manifest|append.only file.*(corrupt|wrong|unexpected)/i;

/** The lines that Redis marks as important (`#`), else the last ones, without process id and time. */
export function tellingLines(lines: readonly string[]): string {
  const plain = lines.filter((line) => line.trim() !== "");
  const important = plain.filter((line) => /^\d+:[A-Z] .* # /.test(line));
  return (important.length > 0 ? important : plain)
    .slice(-3)
    .map((line) => line.replace(/^\d+:[A-Z] .*? [#*.-] /, "").trim())
    .join(" | ");
}

/** `HashfallError` REDIS_AOF_DAMAGED (a mistake: it does not mend itself) or REDIS_START_FAILED (temporary). */
export function startFailure(lines: readonly string[], dataDir: string): HashfallError {
  const said = tellingLines(lines) || "it said nothing";
  if (lines.some((line) => AOF_DAMAGED.test(line))) {
    const folder = join(dataDir, "redis");
    return new HashfallError(
      "REDIS_AOF_DAMAGED",
      `the stored data in ${folder} is damaged, and nothing was changed: ${said}. Keep a copy (cp -a ${folder} ${folder}.bak), then ` +
        "redis-check-aof --fix on its appendonlydir/*.manifest, which drops everything after the damage; or start on " +
        "another folder with --data",
    );
  }
  return new HashfallError("REDIS_START_FAILED", `redis-server did not start: ${said}`, { kind: "temporary" });
}
