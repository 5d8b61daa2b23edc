/** The last span of a tick's trace, and its last log line: an alert is handed to the sockets of this process. */
import type { Logger } from "pino";
import type { DeliveredAlert } from "../model/alert.ts";
import type { Attributes, SpanOptions, Tracing } from "../tracing/contract.ts";
import type { AlertFeed } from "./alert-feed.ts";

/** Traces events of the feed as long as it runs. Must be added after the listeners that hand events on. */
export function traceDeliveries(deps: {
  readonly feed: AlertFeed;
  readonly tracing: Tracing;
  readonly logger: Logger;
}): void {
  const { feed, tracing, logger } = deps;
  feed.listen({
    onNewEpoch: () => {},
    onEvent({ event }) {
      const { network, at, type, id, revision } = event;
      logger.debug({ network, tick: at, type, id, revision }, "delivered");
      tracing.span("deliver", deliverySpan(event)).end();
    },
  });
}

/** The span begins when the event was written to the log. Its cause is the commit. */
function deliverySpan(event: DeliveredAlert): SpanOptions {
  const publishedAt = Date.parse(event.latency?.publishedAt ?? "");
  return {
    ...{ parent: event.traceparent, kind: "consumer", attributes: alertAttributes(event) },
    ...(Number.isNaN(publishedAt) ? {} : { startedAt: publishedAt }),
  };
}

/** An alert as attributes of a span. */
export function alertAttributes({ network, at, type, id, revision, scope, region }: DeliveredAlert): Attributes {
  return {
    "hashfall.network": network,
    "hashfall.tick": at,
    "hashfall.alert": id,
    "hashfall.revision": revision,
    "hashfall.type": type,
    "hashfall.scope": scope,
    ...(region === null ? {} : { "hashfall.region": region }),
  };
}
