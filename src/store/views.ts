/** The detector's estimates: the newest view of each network, and its regions over time. */
import { sumFigures } from "../model/roll-up.ts";
import { HOUR_MS } from "../model/time-units.ts";
import type { NetworkView } from "../model/view.ts";
import type { RedisClient } from "./connect.ts";
import type { HistoryPoint, ViewStore } from "./contract.ts";
import { type Estimate, WHOLE_NETWORK } from "./estimate-codec.ts";
import { MeanEstimates, readEstimates } from "./estimate-series.ts";
import type { Keys } from "./keys.ts";

export function makeViewStore({ redis, keys }: { redis: RedisClient; keys: Keys }): ViewStore {
  return {
    async current(network) {
      const text = await redis.get(keys.view(network));
      return text === null ? null : (JSON.parse(text) as NetworkView);
    },

    /** Steps are labelled by their end, like ticks: the point at T covers (T - step, T]. The oldest `limit` of them. */
    async history({ network, regions = [], from, to, stepMs, limit, signal }) {
      const key = stepMs >= HOUR_MS ? keys.hourlyEstimates(network) : keys.estimates(network);
      const wanted = regions.length === 0 ? [WHOLE_NETWORK] : regions;
      const points: HistoryPoint[] = [];
      let step = 0;
      let means = new MeanEstimates();
      const close = (): void => {
        const found = means.means();
        const parts = wanted.map((region) => found.get(region) ?? {});
        const mean: Estimate = parts.length === 1 ? (parts[0] ?? {}) : sumFigures(parts);
        if (Object.keys(mean).length > 0) points.push({ at: step, ...mean });
        means = new MeanEstimates();
      };
      for await (const point of readEstimates(redis, { key, from, to, regions: wanted }, signal)) {
        const end = Math.ceil(point.at / stepMs) * stepMs;
        if (end !== step) {
          close();
          if (points.length >= limit) return points;
          step = end;
        }
        for (const [region, estimate] of point.estimates) means.add(region, estimate);
      }
      close();
      return points.slice(0, limit);
    },
  };
}
