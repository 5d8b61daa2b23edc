/** The shape of one sender of samples in the file. Secrets, and what needs the networks, are looked at in resolve-push.ts. */
import { z } from "zod";
import { SecretRef } from "../../sources/secret.ts";
import { networkName, poolId, regionCode } from "./network.ts";

/** Names are parts of rows' sources (`push:<name>`). */
const senderName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "up to 32 lower-case letters, digits and hyphens, like farm-kz");

const sender = z.strictObject({
  secret: SecretRef.describe(
    "what it signs with (Standard Webhooks): `whsec_` and base64; several, with spaces between, while one is exchanged for another",
  ),
  network: networkName.describe("the network it speaks of; may be absent where there is one").optional(),
  pools: z.array(poolId).min(1).max(64).describe("the pools it may speak for"),
  regions: z
    .array(regionCode)
    .max(64)
    .describe("the regions whose figures it may send; none: figures of whole pools and blocks alone")
    .default([]),
  wholePools: z
    .boolean({ error: "true or false" })
    .describe("whether it may also send figures of whole pools and blocks; true where no regions are named")
    .optional(),
});

export const push = z
  .record(senderName, sender)
  .describe("who may send samples to POST /api/v1/samples, by a name of your choice")
  .default({});

export type SenderFile = z.output<typeof sender>;
