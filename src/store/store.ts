/** All of the store over one Redis. */
import type { Logger } from "pino";
import type { Clock } from "../model/clock.ts";
import { makeAlertLog } from "./alert-log.ts";
import { makeAlertStore } from "./alerts.ts";
import { makeTickClaims } from "./claims.ts";
import type { RedisClient } from "./connect.ts";
import type { AlertLog, AlertStore, SampleStore, SilenceStore, StateStore, TickClaims, ViewStore } from "./contract.ts";
import { type DisabledWebhooks, makeDisabledWebhooks } from "./disabled-webhooks.ts";
import { type Generations, makeGenerations } from "./generations.ts";
import { makeKeys } from "./keys.ts";
import { type MutedAlerts, makeMutedAlerts } from "./muted-alerts.ts";
import { makeSampleStore } from "./samples.ts";
import { makeSilences } from "./silences.ts";
import { makeSourceHealthStore, type SourceHealthStore } from "./source-health.ts";
import { makeStateStore } from "./state.ts";
import { makeViewStore } from "./views.ts";
import { makeWebhookCursors, type WebhookCursors } from "./webhook-cursors.ts";
import { makeWebhookLeases, type WebhookLeases } from "./webhook-leases.ts";

export interface Store {
  readonly samples: SampleStore;
  readonly states: StateStore;
  readonly alerts: AlertStore;
  readonly alertLog: AlertLog;
  readonly views: ViewStore;
  readonly claims: TickClaims;
  readonly sourceHealth: SourceHealthStore;
  readonly generations: Generations;
  readonly silences: SilenceStore;
  readonly mutedAlerts: MutedAlerts;
  readonly webhookCursors: WebhookCursors;
  readonly webhookLeases: WebhookLeases;
  readonly disabledWebhooks: DisabledWebhooks;
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
    sourceHealth: makeSourceHealthStore(parts),
    generations: makeGenerations(parts),
    silences: makeSilences(parts),
    mutedAlerts: makeMutedAlerts(parts),
    webhookCursors: makeWebhookCursors(parts),
    webhookLeases: makeWebhookLeases(parts),
    disabledWebhooks: makeDisabledWebhooks(parts),
  };
}
