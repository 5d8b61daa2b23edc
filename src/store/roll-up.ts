/** Hourly means of the regional estimates: the hour that ends at H covers the ticks in (H - 1 h, H], as a tick its interval. */
import { HOUR_MS } from "../model/time-units.ts";
import type { RedisClient } from "./connect.ts";
import { packEstimates } from "./estimate-codec.ts";
import { MeanEstimates, newestEstimate, readEstimates } from "./estimate-series.ts";
import type { Keys } from "./keys.ts";
import { ADD_HOUR } from "./lua/add-hour.ts";
import { runScript } from "./script.ts";

/** Writes every complete hour that is not yet written. Safe to run twice, and by two workers at once. */
export async function rollUpHours(
  network: string,
  { redis, keys }: { redis: RedisClient; keys: Keys },
): Promise<number> {
  const newest = await newestEstimate(redis, keys.estimates(network));
  if (newest === null) return 0;
  const from = (await newestEstimate(redis, keys.hourlyEstimates(network))) ?? 0;
  const complete = Math.floor(newest / HOUR_MS) * HOUR_MS;
  let written = 0;
  let hour = 0;
  let means = new MeanEstimates();
  const write = async (): Promise<void> => {
    const { regions, figures } = packEstimates(means.means());
    written += Number(await runScript(redis, ADD_HOUR, [keys.hourlyEstimates(network)], [hour, regions, figures]));
    means = new MeanEstimates();
  };
  for await (const point of readEstimates(redis, { key: keys.estimates(network), from: from + 1, to: complete })) {
    const end = Math.ceil(point.at / HOUR_MS) * HOUR_MS;
    if (hour !== 0 && end !== hour) await write();
    hour = end;
    for (const [region, estimate] of point.estimates) means.add(region, estimate);
  }
  if (hour !== 0) await write();
  return written;
}
