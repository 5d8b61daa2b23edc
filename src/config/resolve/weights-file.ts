/** A file of region weights: sections by network, read with faults that name its own lines. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { nearest } from "../../model/nearest-name.ts";
import { type ConfigDocument, parseConfigDocument } from "../reading/document.ts";
import type { Fault } from "../reading/faults.ts";
import type { JsonSchema } from "../reading/json-schema.ts";
import { faultAt, readAgainst } from "../reading/reader.ts";
import type { Environment } from "../reading/references.ts";
import type { NetworkFile } from "../schema/config-file.ts";
import { WeightsFile } from "../schema/network.ts";
import type { PoolWeights } from "./weights.ts";

export type WeightsByPool = Readonly<Record<string, PoolWeights>>;

/** The file that a network's weights come from; undefined when it names none. */
export function weightsFileOf(network: NetworkFile, document: ConfigDocument): string | undefined {
  const { weights } = network;
  if (weights === undefined) return undefined;
  return resolve(dirname(document.file), typeof weights === "string" ? weights : weights.file);
}

/** The schema of a file of region weights. */
function weightsJsonSchema(): JsonSchema {
  return z.toJSONSchema(WeightsFile, { io: "input", reused: "inline" }) as JsonSchema;
}

/** Weights by pool for a network; what is wrong is added to `faults`. */
export function readWeights(
  name: string,
  network: NetworkFile,
  document: ConfigDocument,
  env: Environment,
  faults: Fault[],
): WeightsByPool {
  const file = weightsFileOf(network, document);
  if (file === undefined) return {};
  const refuse = (text: string) => {
    faults.push(faultAt(document, ["networks", name, "weights"], text));
    return {};
  };
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return refuse(`"${file}" cannot be read (${code}); allowed: a file of region weights, relative to this one`);
  }
  const { value, faults: found } = readAgainst(
    parseConfigDocument(text, file),
    { file, env },
    WeightsFile,
    weightsJsonSchema,
  );
  faults.push(...found);
  if (value === undefined) return {};
  const section = typeof network.weights === "object" ? network.weights.section : name;
  const pools = Object.hasOwn(value, section) ? value[section] : undefined;
  if (pools === undefined) {
    const hint = nearest(section, Object.keys(value));
    const known = `${file} has ${Object.keys(value).join(", ")}`;
    return refuse(`no section "${section}"; allowed: ${known}${hint === undefined ? "" : `. Did you mean ${hint}?`}`);
  }
  return pools;
}
