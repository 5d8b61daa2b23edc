/** The shape of the configuration file. `config/schema.json` and the README's table are generated from it. */
import type { z } from "zod";
import { configFileSchema } from "./file.ts";
import { networkSource, networkWitness, poolSource } from "./source.ts";

export const ConfigFile = configFileSchema({ poolSource, networkSource, networkWitness });

export type ConfigFile = z.output<typeof ConfigFile>;
export type NetworkFile = ConfigFile["networks"][string];
