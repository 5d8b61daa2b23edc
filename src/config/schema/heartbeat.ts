/** The shape of `heartbeat` in the file: who is told again and again that hashfall sees. */
import { z } from "zod";
import { DEFAULT_OUTGOING_HEARTBEAT } from "./defaults.ts";
import { duration } from "./fields.ts";

export const heartbeat = z
  .strictObject({
    url: z
      .string()
      // The value is not quoted: whoever knows the address can send heartbeats in our name.
      .refine((url) => URL.canParse(url) && /^https?:/.test(url), {
        params: { said: "not a URL; allowed: https://host/path" },
      })
      .describe("where to POST, like https://hc-ping.com/...; https, or http with `allowPrivate`"),
    interval: duration({ atLeast: "10s", atMost: "1d" }).describe("how often").default(DEFAULT_OUTGOING_HEARTBEAT),
    allowPrivate: z
      .boolean({ error: "true or false" })
      .describe("whether http and an address of your own network are allowed")
      .default(false),
  })
  .describe(
    "tells a watcher outside (healthchecks.io and kin) that hashfall is alive and sees; nothing is sent while it is warming or blind",
  );
