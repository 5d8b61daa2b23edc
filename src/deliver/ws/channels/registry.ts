/** Every channel. The protocol's enums, its messages and the AsyncAPI document are made from this list. */
import { alerts } from "./alerts.ts";
import type { StateChannel } from "./channel.ts";
import { regions } from "./regions.ts";
import { status } from "./status.ts";

export const CHANNELS = [alerts, regions, status] as const;

export type ChannelName = (typeof CHANNELS)[number]["name"];

export const CHANNEL_NAMES: readonly ChannelName[] = CHANNELS.map(({ name }) => name);

export const STATE_CHANNELS: readonly StateChannel[] = CHANNELS.filter((channel) => channel.kind === "state");
