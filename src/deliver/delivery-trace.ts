/** The end of a tick's trace, and of its lines in the log: an alert is handed to the sockets of this process. */
import type { Logger } from "pino";
import type { DeliveredAlert } from "../model/alert.ts";
import type { Attributes, SpanOptions, Tracing } from "../tracing/contract.ts";
import type { AlertFeed } from "./alert-feed.ts";

/** Follows the feed for as long as it runs; listen after whoever hands events on. */
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

/** From the moment it stood in the log; what caused it is the commit. */
function deliverySpan(event: DeliveredAlert): SpanOptions {
  const publishedAt = Date.parse(event.latency?.publishedAt ?? "");
  return {
    ...{ parent: event.traceparent, kind: "consumer", attributes: alertAttributes(event) },
    ...(Number.isNaN(publishedAt) ? {} : { startedAt: publishedAt }),
  };
}

/** What an alert is, in attributes of a span. */
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
