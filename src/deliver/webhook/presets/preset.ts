/** The interface of a preset: the shape in which one kind of receiver takes an alert. Each preset is one file in this folder. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { DeliveredAlert } from "../../../model/alert.ts";

export interface WebhookPreset {
  /** As the configuration writes it. */
  readonly name: string;
  /** One line for the configuration's table: what is sent, and to what address. */
  readonly description: string;
  /**
   * Whether the receiver keeps an alert open until it is sent the end. It is then always sent the newest state, so
   * that a late attempt opens nothing again, and the end also under a silence.
   */
  readonly keepsState: boolean;
  /**
   * For a receiver that forgets an open alert: one message that says of many alerts that they are still open. It is sent
   * at every `resendInterval`. Absent where the receiver keeps what it was told.
   */
  readonly stillOpen?: (alerts: readonly DeliveredAlert[], context: StillOpenContext) => HttpMessage;
  /** Configuration keys of this preset alone, beside those of every webhook. Keys of type `SecretRef` come as their text. */
  readonly options?: Readonly<Record<string, z.ZodType>>;
  /** Those of `options` that must be given. */
  readonly required?: readonly string[];
  /** Protocols of the address besides https (and http, with `allowPrivate`). */
  readonly protocols?: readonly string[];
  /** The first wrong key among the options and the address, and what is wrong with it; undefined when all is right. */
  readonly fault?: (options: PresetOptions, url: string) => PresetFault | undefined;
  message(alert: DeliveredAlert, context: PayloadContext): OutgoingMessage;
}

export interface PresetFault {
  readonly key: string;
  readonly said: string;
}

export type PresetOptions = Readonly<Record<string, string>>;

/** One message, as it goes out. */
export type OutgoingMessage = HttpMessage | EmailMessage;

export interface HttpMessage {
  readonly kind: "http";
  readonly body: string;
  /** JSON when absent. */
  readonly contentType?: string;
  /** The webhook's own address when absent. */
  readonly url?: string;
  /** POST when absent. */
  readonly method?: "PUT";
  /** Requests that follow once this one was taken, in order; a later attempt sends all of them again. */
  readonly followUps?: readonly HttpMessage[];
}

export interface EmailMessage {
  readonly kind: "email";
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same for all messages of one alert, so that a reader shows them together. */
  readonly thread: string;
}

export interface StillOpenContext {
  /** Real time, ms. */
  readonly now: number;
  /** For how long the receiver shall keep what it is told, ms. */
  readonly openForMs: number;
  readonly publicUrl?: string | undefined;
}

/** What messages are made from, besides the event that is told. */
export interface PayloadContext {
  /** Every event of the alert that is known now, oldest first; holds the one that is told. */
  readonly history: readonly DeliveredAlert[];
  /** Name of the webhook, and its address. */
  readonly webhook: string;
  readonly url: string;
  readonly options: PresetOptions;
  /** Real time, ms. */
  readonly now: number;
  /** For how long a receiver that forgets keeps an open alert that is not sent again, ms. */
  readonly openForMs: number;
  /** Where people reach the page, without a slash at the end; absent where it was not configured. */
  readonly publicUrl?: string;
  /** Somebody tries the webhook: the message says so. */
  readonly isTest?: boolean;
}

/** The alert's place on the page; undefined where no public URL was configured. */
export function alertUrl(alert: DeliveredAlert, publicUrl: string | undefined): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/#/alerts/${encodeURIComponent(alert.id)}`;
}

/** A JSON body for the webhook's own address. */
export function json(body: unknown): HttpMessage {
  return { kind: "http", body: JSON.stringify(body) };
}

/** At most `longest` UTF-16 code units, with an ellipsis where something was cut; no character is cut in two. */
export function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${beginningOf(text, longest - 1)}…`;
}

/** A key of at most `longest` characters: one that is longer ends in a digest, so that two keys never become one. */
export function shortKey(key: string, longest: number): string {
  if (key.length <= longest) return key;
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `${beginningOf(key, longest - digest.length - 1)}-${digest}`;
}

function beginningOf(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}
