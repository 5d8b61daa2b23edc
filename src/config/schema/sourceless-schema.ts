/** The shape of a configuration file that names no source and no witness: what a replay needs, and no adapter. */
import { z } from "zod";
import { configFileSchema } from "./file.ts";

/** What passes here passes as a `ConfigFile` and means the same; what does not may still be one. */
export const SourcelessFile = configFileSchema({
  poolSource: z.never(),
  networkSource: z.never(),
  networkWitness: z.never(),
});
