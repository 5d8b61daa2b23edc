/** hashfall itself: is it polling, deciding, delivering, and on what. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard, labelValues, networkVariable } from "./frame.ts";
import { delivering, polling, process, redisAndQueues, well } from "./itself-sections.ts";

export function itself(): Dashboard {
  return dashboard({
    uid: "hashfall-itself",
    title: "hashfall: itself",
    description: "Polls, ticks, queues, Redis, sockets, webhooks and the processes.",
    variables: [networkVariable(), labelValues("source", "Source", "hashfall_polls_total")],
    sections: [
      { title: "Is it well", panels: well() },
      { title: "Polling", panels: polling() },
      { title: "Queue and Redis", panels: redisAndQueues() },
      { title: "Delivery", panels: delivering() },
      { title: "Processes", panels: process() },
    ],
    from: "now-3h",
  });
}
