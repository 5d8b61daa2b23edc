/** The shape of a source in the file: what every source may say, and the options of its own type beside it. */
import { z } from "zod";
import { SOURCE_TYPES } from "../../sources/registry.ts";
import { SecretRef } from "../../sources/secret.ts";
import { WITNESS_TYPES } from "../../sources/witness/registry.ts";
import { DEFAULT_SOURCE_TIMEOUT } from "./defaults.ts";
import { duration } from "./fields.ts";
import { poolId, regionCode } from "./network.ts";

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** Ours to say: how the connection is used, and under whose name is asked (`contact` adds yours). */
const OUR_HEADERS =
  /^(host|connection|content-length|transfer-encoding|accept-encoding|user-agent|te|upgrade|expect)$/i;
const SECRET_HEADER = /authori[sz]ation|cookie|key|token|secret|passw/i;

const headerName = z
  .string()
  .regex(HEADER_NAME, "a header's name, like X-Api-Version")
  .refine((name) => !OUR_HEADERS.test(name), "any header but those that hashfall sets itself, like user-agent");

const common = {
  url: z
    .string({ error: "an http or https URL" })
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), "an http or https URL")
    .meta({ pattern: "^(https?://|\\$\\{(env|file):)" })
    .describe("base URL; the type's public one if absent, where it has one")
    .optional(),
  region: regionCode
    .describe("the region that this source's figures are true for (a server of that region); absent: the whole pool")
    .optional(),
  interval: duration({ atLeast: "10s", atMost: "24h" })
    .describe("how often to ask at most; the type's own minimum if absent")
    .optional(),
  timeout: duration({ atLeast: "1s", atMost: "120s" })
    .describe("how long to wait for an answer")
    .default(DEFAULT_SOURCE_TIMEOUT),
  allowPrivate: z
    .boolean({ error: "true or false" })
    .describe("whether the URL may lead to a private or loopback address (your own node or pool)")
    .default(false),
  headers: z
    .record(
      headerName.refine(
        (name) => !SECRET_HEADER.test(name),
        "a header without a secret; those stand in `secretHeaders`",
      ),
      z
        .string()
        .max(1000)
        .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "one line of text"),
    )
    .describe("headers that are sent along, like {Accept-Language: en}")
    .optional(),
  secretHeaders: z
    .record(headerName, SecretRef)
    .describe("headers whose values are secret, like {X-Api-Key: {env: POOL_KEY}}")
    .optional(),
  webPage: z
    .boolean({ error: "true or false" })
    .describe(
      "whether this is an endpoint behind somebody's web page, which `webPageSources: false` turns off; known for the ready types",
    )
    .optional(),
};

const onNetwork = {
  pool: poolId.describe("the pool this source speaks for, where it speaks for one").optional(),
  pools: z
    .record(z.string().min(1).max(100), poolId)
    .describe("the upstream's name or slug of a pool -> our pool id, where it speaks for many")
    .optional(),
};

function sourceOf(place: Record<string, z.ZodType>, description: string) {
  const options = Object.values(SOURCE_TYPES).map((type) =>
    z
      .strictObject({
        type: z.literal(type.type).describe(type.describe.summary),
        ...common,
        ...place,
        ...type.schema.shape,
      })
      .meta({ title: type.type }),
  );
  const [first, ...rest] = options;
  if (first === undefined) return z.looseObject({ type: z.string(), ...common, ...place }).describe(description);
  return z
    .discriminatedUnion("type", [first, ...rest], {
      error: Object.keys(SOURCE_TYPES).sort().join(", "),
    })
    .describe(description);
}

/** `pools.<id>.source`: a source that speaks for that pool alone. */
export const poolSource = sourceOf({}, "where this pool's figure comes from; absent in a replay");

/** `sources.<name>`: one source that speaks for many pools, or one for a pool that has several. */
export const networkSource = sourceOf(onNetwork, "a source that speaks for many pools");

function witnessOf(description: string) {
  const { url, interval, timeout, allowPrivate, headers, secretHeaders } = common;
  const options = Object.values(WITNESS_TYPES).map((type) =>
    z
      .strictObject({
        type: z.literal(type.type).describe(type.summary),
        url,
        interval,
        timeout,
        allowPrivate,
        headers,
        secretHeaders,
        ...type.schema.shape,
      })
      .meta({ title: type.type }),
  );
  const [first, ...rest] = options;
  if (first === undefined) return z.looseObject({ type: z.string() }).describe(description);
  return z
    .discriminatedUnion("type", [first, ...rest], { error: Object.keys(WITNESS_TYPES).sort().join(", ") })
    .describe(description);
}

/** `witnesses.<name>`: who confirms and explains what the pools' figures show. */
export const networkWitness = witnessOf(
  "a witness: it is evidence for what figures carry and explains alerts; it never opens one by itself",
);

/** Keys of a source that are hashfall's; every other key is an option of the source's type. */
export const COMMON_SOURCE_KEYS = [
  "type",
  "url",
  "pool",
  "pools",
  "region",
  "interval",
  "timeout",
  "allowPrivate",
  "headers",
  "secretHeaders",
  "webPage",
] as const;
