/** One HTTP server for people, programs and scrapers: page, REST, metrics and the WebSocket. */
import { HashfallError } from "../model/errors.ts";
import type { Gateway, GatewayDeps, GatewayOptions } from "./contract.ts";

/** Puts the parts of delivery together; nothing is bound or started before `listen`. */
export function makeGateway(_options: GatewayOptions, _deps: GatewayDeps): Gateway {
  return {
    listen: () => Promise.reject(new HashfallError("NOT_BUILT", "the gateway is not built yet")),
    address: () => null,
    stop: () => Promise.resolve(),
  };
}
