/** What nearly became an alert, and why it did not. */
import { z } from "zod";

export const NOT_OPENED_REASONS = {
  budget: "its score stayed below the threshold that the false-alarm budget sets",
  "beside-open": "beside a fall that is known already, more is asked than it had",
  rival: "another explanation fits as well or better",
  "witnesses-alone": "witnesses speak for it, figures alone do not carry it",
  patience: "it did not stand for as long as an opening of its kind must",
  "awaited-figure": "a figure of the region itself is being held, and is waited for",
  "passing-dip": "a dip of everything that is coming back explains it as well",
  levels: "the levels do not show it hours after its onset",
  habit: "the region does the same at this hour day after day",
  region: "a fall of a region, told or about to be, explains it",
  small: "everything fell by less than an ordinary day does",
} as const;

export type NotOpenedReason = keyof typeof NOT_OPENED_REASONS;

export const NotOpened = z.object({
  scope: z.enum(["region", "pool", "network"]),
  region: z.string().nullable().describe("what it would have been of"),
  pool: z.string().nullable(),
  reason: z.enum(Object.keys(NOT_OPENED_REASONS) as [NotOpenedReason, ...NotOpenedReason[]]),
  firstAt: z.number().describe("data time, ms"),
  lastAt: z.number(),
  ticks: z.number().int().describe("ticks at which it would have opened but for the reason"),
  score: z
    .number()
    .describe("the most it reached: log evidence of a region or of everything, lost part of a pool, 0 to 1"),
  needed: z.number().describe("what was asked of the score; 0 where it was not the score that failed"),
});
export type NotOpened = z.infer<typeof NotOpened>;

/** The id under which a network's bundle of what did not open is kept. */
export function notOpenedId(network: string): string {
  return `${network}-not-opened`;
}
