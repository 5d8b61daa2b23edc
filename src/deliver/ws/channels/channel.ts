/**
 * What a channel of the WebSocket is: its name, what a subscription to it may ask for, and the messages that it sends.
 * Each channel is one file beside this one. These files are pure, because programs and the page share their types.
 */
import { z } from "zod";
import type { NetworkStatus, NetworkView } from "../../../model/view.ts";

/** One kind of message: its schema, and its text in the AsyncAPI document. */
export interface MessageDoc {
  readonly schema: z.ZodType;
  readonly summary: string;
  readonly examples: readonly object[];
}

interface ChannelBase {
  /** As `subscribe` and `unsubscribe` write it. */
  readonly name: string;
  /** Fields of `subscribe` that only this channel reads, beside those of every channel. */
  readonly fields: Readonly<Record<string, z.ZodType>>;
  /** Example subscriptions, without `op`, `id` and `channel`. */
  readonly examples: readonly object[];
  /** Messages that only this channel sends, by their `type`. */
  readonly messages: Readonly<Record<string, MessageDoc>>;
}

/** The present state of one network. */
export interface NetworkNow {
  readonly network: string;
  /** The newest decided tick; undefined before the first. */
  readonly view: NetworkView | undefined;
  readonly status: NetworkStatus;
}

/** The filter of a subscription to a state channel. An absent list matches everything. */
export interface StateFilter {
  readonly networks?: readonly string[];
  readonly regions?: readonly string[];
}

/** One connection's subscription to a state channel. */
export interface StateSubscription {
  readonly filter: StateFilter;
  /** Equal for equal filters. */
  readonly key: string;
}

/** A channel that sends the present state of each network: to a new subscriber at once, and to all when it changes. */
export interface StateChannel extends ChannelBase {
  readonly kind: "state";
  /** What triggers a message: a new view, or a changed status. */
  readonly changesWith: "view" | "status";
  /** The message; null when nothing is known about the network yet. The network matches the filter already. */
  message(now: NetworkNow, filter: StateFilter): { readonly type: string } | null;
}

/** A channel that sends the events of the alert log, each once and in order, from any cursor that the log still holds. */
export interface LogChannel extends ChannelBase {
  readonly kind: "log";
}

export type Channel = StateChannel | LogChannel;

/** ISO 8601 in UTC. */
export const time = z.iso.datetime();
export const cursor = z.string().max(128).describe("opaque place in the alert log");
