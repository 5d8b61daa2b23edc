/** All parts of the store on one Redis, with one set of keys. */
import type { Logger } from "pino";
import type { Clock } from "../model/clock.ts";
import { makeAlertLog } from "./alert-log.ts";
import { makeAlertStore } from "./alerts.ts";
import { makeTickClaims } from "./claims.ts";
import type { RedisClient } from "./connect.ts";
import type { AlertLog, AlertStore, SampleStore, StateStore, TickClaims, ViewStore } from "./contract.ts";
import { type Generations, makeGenerations } from "./generations.ts";
import { type Keys, makeKeys } from "./keys.ts";
import { makeSampleStore } from "./samples.ts";
import { makeStateStore } from "./state.ts";
import { makeViewStore } from "./views.ts";

export interface Stores {
  readonly keys: Keys;
  readonly samples: SampleStore;
  readonly states: StateStore;
  readonly alerts: AlertStore;
  readonly alertLog: AlertLog;
  readonly views: ViewStore;
  readonly claims: TickClaims;
  readonly generations: Generations;
}

export interface StoresDeps {
  readonly redis: RedisClient;
  /** A connection of its own for each follower of the log; whoever opened it closes it. */
  readonly openFollower: () => RedisClient;
  readonly real: Clock;
  readonly logger: Logger;
}

/** Makes every store; opens nothing and asks nothing. Throws `HashfallError` KEY_TAG_INVALID. */
export function makeStores(options: { readonly keyTag: string }, deps: StoresDeps): Stores {
  const keys = makeKeys(options.keyTag);
  const { redis, real, logger } = deps;
  return {
    keys,
    samples: makeSampleStore({ redis, keys, real }),
    states: makeStateStore({ redis, keys, logger }),
    alerts: makeAlertStore({ redis, keys, real }),
    alertLog: makeAlertLog({ redis, keys, openFollower: deps.openFollower, logger }),
    views: makeViewStore({ redis, keys }),
    claims: makeTickClaims({ redis, keys }),
    generations: makeGenerations({ redis, keys }),
  };
}
