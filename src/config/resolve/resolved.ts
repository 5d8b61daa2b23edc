/** The configuration after parsing, defaults and checks: what the rest of hashfall is handed. Times are milliseconds. */
import type { DetectorModel } from "../../detect/contract.ts";
import type { Scope, Severity } from "../../model/alert.ts";
import type { SecretRef } from "../../sources/secret.ts";

export interface SourceConfig {
  /** Unique in its network: `<type>` or `<type>:<name>`. */
  readonly id: string;
  /** Adapter name, like `ckpool`, `mempool`, `antpool`. */
  readonly type: string;
  readonly url?: string;
  /** Upstream pool name or slug -> our pool id. For a source of one pool: that pool. */
  readonly pools: Readonly<Record<string, string>>;
  /** The region this source's rows are true for (a ckpool instance); null for whole-pool figures. */
  readonly region: string | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Private addresses are refused unless a source allows them. */
  readonly allowPrivate: boolean;
  /** The network's coin, like `BTC`, where it is known. */
  readonly coin?: string;
  /** Sent along with every request to the source's own host. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly secretHeaders?: Readonly<Record<string, SecretRef>>;
  /** An endpoint behind somebody's web page, without published terms: named in a notice at start. */
  readonly webPage?: boolean;
  /** Adapter-specific options, already validated by the adapter's own schema. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Where a weight comes from, for people: detection does not depend on it. */
export interface WeightNote {
  readonly pool: string;
  readonly region: string;
  /** `2022`, `2022-01` or `2022-01-31`. */
  readonly asOf?: string;
  readonly source?: string;
}

export interface NetworkConfig {
  readonly name: string;
  readonly intervalMs: number;
  readonly sources: readonly SourceConfig[];
  /** They explain alerts and never open one; detection does not depend on them. Absent: none. */
  readonly witnesses?: readonly SourceConfig[];
  /** Who may send it rows; absent: nobody. Their secrets are not here. */
  readonly senders?: readonly Pick<PushSender, "name" | "pools" | "regions" | "wholePools">[];
  readonly model: DetectorModel;
  readonly weightNotes?: readonly WeightNote[];
}

export interface RetentionConfig {
  readonly samplesMs: number;
  readonly estimatesMs: number;
  readonly hourlyEstimatesMs: number;
  readonly alertsMs: number;
  /** Absent: none is kept. */
  readonly backup?: BackupConfig;
}

export interface BackupConfig {
  /** Absent: `backup` in the data folder. */
  readonly folder?: string;
  readonly maxBytes: number;
  /** Ticks from one snapshot of the detector's state to the next. */
  readonly snapshotTicks: number;
}

export interface RedisConfig {
  /** Absent: the embedded server. */
  readonly url?: string;
  /** Hash tag of every key; also keeps two installations on one Redis apart. */
  readonly keyTag: string;
  /** Explicit serverBin for the embedded server (else REDIS_SERVER_BIN, PATH, cache, apt). */
  readonly serverBin?: string;
  readonly fetchServer: boolean;
}

/** Somebody who may send samples of one network to `POST /api/v1/samples`. */
export interface PushSender {
  /** Its rows' source is `push:<name>`. */
  readonly name: string;
  readonly network: string;
  /** `whsec_` and base64 each; any of them may have signed. Never shown. */
  readonly secrets: readonly string[];
  readonly pools: readonly string[];
  /** Regions whose figures it may send. */
  readonly regions: readonly string[];
  /** Whether it may send figures of whole pools, and blocks. */
  readonly wholePools: boolean;
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** Tokens with scopes; empty: no token is asked on loopback, and writes are refused on a public bind. */
  readonly tokens: readonly {
    readonly name: string;
    readonly token: string;
    readonly scopes: readonly ("read" | "write")[];
  }[];
  /** Host header values that are answered besides loopback names and `host`. */
  readonly allowedHosts: readonly string[];
  /** Origins that may open the WebSocket besides the page's own. */
  readonly allowedOrigins: readonly string[];
  readonly heartbeatSeconds: number;
  readonly maxClients: number;
  /** Where people reach the page, without a slash at the end; for links in messages. */
  readonly publicUrl?: string;
  /** Who may send samples; absent: nobody. */
  readonly push?: readonly PushSender[];
}

export interface WebhookConfig {
  /** Part of job ids, label of metrics. */
  readonly name: string;
  /** May itself be a secret: never shown. */
  readonly url: string;
  /** A name in the registry of presets. */
  readonly preset: string;
  /** Keys of the preset alone, with secrets read. */
  readonly options: Readonly<Record<string, string>>;
  /** Headers besides our own, with secrets read. */
  readonly headers: Readonly<Record<string, string>>;
  /** Secrets among options and headers: never shown. */
  readonly hidden: readonly string[];
  /** How often open alerts are sent again to a receiver that forgets them, ms. */
  readonly resendIntervalMs: number;
  /** `whsec_` and base64 each; every delivery is signed with all of them. Empty: it is not signed. */
  readonly secrets: readonly string[];
  /** Value of the Authorization header. */
  readonly authorization?: string;
  /** As on the socket: sticky, and what is left out lets everything through. */
  readonly filter: {
    readonly networks?: readonly string[];
    readonly regions?: readonly string[];
    readonly scopes?: readonly Scope[];
    readonly minSeverity?: Severity;
  };
  /** Private addresses and plain http are refused unless a webhook allows them. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
}

/** Whom we tell again and again that we see. */
export interface HeartbeatConfig {
  /** May itself be a secret: never shown. */
  readonly url: string;
  readonly intervalMs: number;
  readonly allowPrivate: boolean;
}

export interface Config {
  readonly networks: readonly NetworkConfig[];
  /** Where whoever runs an API can reach whoever asks it; absent: nobody can. */
  readonly contact?: string;
  readonly redis: RedisConfig;
  readonly server: ServerConfig;
  /** Absent: none. */
  readonly webhooks?: readonly WebhookConfig[];
  /** Absent: nobody. */
  readonly heartbeat?: HeartbeatConfig;
  readonly retention: RetentionConfig;
  readonly dataDir: string;
  readonly logLevel: string;
  /** Of everything that detection depends on. */
  readonly hash: string;
  /** Files that the configuration names and that a reload must look at (weights), besides itself. */
  readonly files?: readonly string[];
}
