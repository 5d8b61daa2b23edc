/** What a push is answered. */
import { z } from "zod";

const count = z.number().int();

export const PushAnswer = z
  .object({
    added: count.describe("rows given to the tick that covers them"),
    duplicates: count.describe("rows that their tick had already from this sender: one row a pool, region and tick"),
    moved: count.describe("rows whose tick was decided already: given to the next one"),
    late: count.describe("rows whose tick was decided too long ago: dropped"),
    refused: z
      .array(z.object({ line: count.describe("from 1: line, or place in `samples`"), why: z.string() }))
      .describe("rows that cannot be used; all others were taken"),
  })
  .meta({ id: "PushAnswer" });
export type PushAnswer = z.infer<typeof PushAnswer>;
