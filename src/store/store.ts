/** All of the store over one Redis. */
import type { Logger } from "pino";
import type { Clock } from "../model/clock.ts";
import { makeAlertLog } from "./alert-log.ts";
import { makeAlertStore } from "./alerts.ts";
import { makeTickClaims } from "./claims.ts";
import type { RedisClient } from "./connect.ts";
import type { AlertLog, AlertStore, SampleStore, StateStore, TickClaims, ViewStore } from "./contract.ts";
import { type Generations, makeGenerations } from "./generations.ts";
import { makeKeys } from "./keys.ts";
import { makeSampleStore } from "./samples.ts";
import { makeStateStore } from "./state.ts";
import { makeViewStore } from "./views.ts";

export interface Store {
  readonly samples: SampleStore;
  readonly states: StateStore;
  readonly alerts: AlertStore;
  readonly alertLog: AlertLog;
  readonly views: ViewStore;
  readonly claims: TickClaims;
  readonly generations: Generations;
}

export interface StoreDeps {
  /** Use `command`. */
  readonly redis: RedisClient;
  /** A new connection of use `follow`; closed by the follower it is for. */
  readonly openFollower: () => RedisClient;
  /** Real time. */
  readonly real: Clock;
  readonly logger: Logger;
}

export function makeStore(options: { readonly keyTag: string }, deps: StoreDeps): Store {
  const parts = { ...deps, keys: makeKeys(options.keyTag) };
  return {
    samples: makeSampleStore(parts),
    states: makeStateStore(parts),
    alerts: makeAlertStore(parts),
    alertLog: makeAlertLog(parts),
    views: makeViewStore(parts),
    claims: makeTickClaims(parts),
    generations: makeGenerations(parts),
  };
}
