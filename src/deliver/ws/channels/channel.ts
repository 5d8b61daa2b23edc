/**
 * What a channel of the WebSocket is: its name, what a subscription to it may ask for, and the messages that it sends.
 * Each channel is one file beside this one. These files are pure, because programs and the page share their types.
 */
import { z } from "zod";
import type { NetworkStatus, NetworkView } from "../../../model/view.ts";

/** One kind of message: its schema, and what the AsyncAPI document says of it. */
export interface MessageDoc {
  readonly schema: z.ZodType;
  readonly summary: string;
  readonly examples: readonly object[];
}

interface ChannelBase {
  /** As `subscribe` and `unsubscribe` write it. */
  readonly name: string;
  /** Fields of `subscribe` that this channel alone reads, beside those of every channel. */
  readonly fields: Readonly<Record<string, z.ZodType>>;
  /** Subscriptions that show what can be asked for, without `op`, `id` and `channel`. */
  readonly examples: readonly object[];
  /** Every message that this channel alone sends, by its `type`. */
  readonly messages: Readonly<Record<string, MessageDoc>>;
}

/** What holds of one network now. */
export interface NetworkNow {
  readonly network: string;
  /** The newest decided tick; undefined before the first. */
  readonly view: NetworkView | undefined;
  readonly status: NetworkStatus;
}

/** What a subscription to a state channel lets through; a list that is absent lets everything through. */
export interface StateFilter {
  readonly networks?: readonly string[];
  readonly regions?: readonly string[];
}

/** What one connection follows of a state channel. */
export interface StateSubscription {
  readonly filter: StateFilter;
  /** Equal for equal filters. */
  readonly key: string;
}

/** A channel that tells the present state of each network: to a new subscriber at once, and to all when it changes. */
export interface StateChannel extends ChannelBase {
  readonly kind: "state";
  /** What makes it speak: a new view, or another status. */
  readonly changesWith: "view" | "status";
  /** Null when nothing is known of the network yet. The network itself is already among those that were asked for. */
  message(now: NetworkNow, filter: StateFilter): { readonly type: string } | null;
}

/** A channel that tells the events of the alert log, each once and in order, from any place that the log still holds. */
export interface LogChannel extends ChannelBase {
  readonly kind: "log";
}

export type Channel = StateChannel | LogChannel;

/** ISO 8601 in UTC. */
export const time = z.iso.datetime();
export const cursor = z.string().max(128).describe("opaque place in the alert log");
