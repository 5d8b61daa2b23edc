/** Views and statuses as frames, written once for all subscribers who asked for the same. */
import { regionCovers } from "../../model/region.ts";
import { rollUpsOf } from "../../model/roll-up.ts";
import { isoTime } from "../../model/tick.ts";
import type { NetworkView } from "../../model/view.ts";
import type { NetworkStatus } from "../view-feed.ts";
import { frameOf } from "./frame.ts";

/** What a subscription to regions or status lets through; absent lists let everything through. */
export interface ViewFilter {
  readonly networks?: readonly string[];
  readonly regions?: readonly string[];
}

export function wantsNetwork(filter: ViewFilter, network: string): boolean {
  return !filter.networks || filter.networks.includes(network);
}

/** Frames of one view, by the regions that were asked for. */
export class RegionFrames {
  readonly #view: NetworkView;
  readonly #frames = new Map<string, Buffer>();

  constructor(view: NetworkView) {
    this.#view = view;
  }

  /** Null when the filter wants nothing of this network. */
  frame(filter: ViewFilter): Buffer | null {
    if (!wantsNetwork(filter, this.#view.network)) return null;
    const key = filter.regions ? [...filter.regions].sort().join() : "";
    const known = this.#frames.get(key);
    if (known) return known;
    const { network, at } = this.#view;
    const regions = [
      ...this.#view.regions.map(({ region, hashrate, expected, drop, score }) => ({
        region,
        hashrate,
        expected,
        drop,
        score,
      })),
      ...rollUpsOf(this.#view.regions),
    ].filter(({ region }) => !filter.regions || filter.regions.some((wanted) => regionCovers(wanted, region)));
    const frame = frameOf({ type: "regions", network, at: isoTime(at), regions });
    this.#frames.set(key, frame);
    return frame;
  }
}

export function statusFrame({ network, state, warmAt, why }: NetworkStatus): Buffer {
  return frameOf({
    type: "status",
    network,
    state,
    ...(warmAt === undefined ? {} : { warmAt: isoTime(warmAt) }),
    ...(why === undefined ? {} : { why }),
  });
}
