/** The status of each network: whether its findings can be relied on now. */
import { z } from "zod";
import { isoTime } from "../../../model/tick.ts";
import { NETWORK_STATES } from "../../../model/view.ts";
import { type StateChannel, time } from "./channel.ts";

const Status = z.object({
  type: z.literal("status"),
  network: z.string(),
  state: z.enum(NETWORK_STATES),
  warmAt: time.optional().describe("data time at which detection begins, while warming"),
  why: z.string().optional(),
});

export const status = {
  kind: "state",
  name: "status",
  fields: {},
  examples: [{}],
  changesWith: "status",
  messages: {
    status: {
      schema: Status,
      summary: "What a network's findings are worth now.",
      examples: [{ type: "status", network: "bitcoin", state: "ok" }],
    },
  },
  message({ status: { network, state, warmAt, why } }): z.input<typeof Status> {
    return {
      type: "status",
      network,
      state,
      ...(warmAt === undefined ? {} : { warmAt: isoTime(warmAt) }),
      ...(why === undefined ? {} : { why }),
    };
  },
} as const satisfies StateChannel;
