/** `hashfall/client`: the WebSocket from a trading program's side. */
export type { ServerMessage } from "../deliver/ws/protocol.ts";
export type { DeliveredAlert, Scope, Severity } from "../model/alert.ts";
export {
  type AlertsFilter,
  type ClientHandlers,
  type ClientOptions,
  connect,
  HashfallClient,
  type MessageOf,
  type ViewsFilter,
} from "./client.ts";
