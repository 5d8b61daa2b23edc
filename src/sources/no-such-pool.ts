/** The failure of an upstream that has no pool, coin or algorithm of the configured name. It lists the existing ones. */
import { nearest } from "../model/nearest-name.ts";
import { excerpt, SourceFailure } from "./failure.ts";

const MOST_NAMES = 10;

/** @param key the configuration's key that has to be corrected */
export function noSuchPool(name: string, there: readonly string[], key = "poolId"): SourceFailure {
  const more = there.length > MOST_NAMES ? ` and ${there.length - MOST_NAMES} more` : "";
  const known = there.length === 0 ? "none" : `${there.slice(0, MOST_NAMES).map(excerpt).join(", ")}${more}`;
  const meant = nearest(name, there);
  return new SourceFailure("semantic", `it has no ${key === "poolId" ? "pool" : key} "${name}"; it has ${known}`, {
    advice: `set \`${key}\` to one that it has${meant === undefined ? "" : `: did you mean ${excerpt(meant)}?`}`,
  });
}
