/**
 * The price of a bitcoin at three exchanges, as context for whoever trades on an alert: the median of those that answer,
 * and nothing when fewer than two do. Shapes: the exchanges' API documentation. Kraken's result has another name than
 * was asked for, and its errors come with status 200.
 */
import { z } from "zod";
import { excerpt, SourceFailure } from "../failure.ts";
import { parseNumber } from "../parse/hashrate.ts";
import { parseJson } from "../parse/json.ts";
import { isObject, own } from "../parse/shape.ts";
import type { WitnessType } from "./contract.ts";
import { median, readWitness } from "./read-witness.ts";

const url = (text: string) =>
  z
    .string({ error: "an http or https URL" })
    .refine((each) => URL.canParse(each) && /^https?:$/.test(new URL(each).protocol), "an http or https URL")
    .describe("where this exchange says the price of the network's coin in dollars")
    .default(text);

const options = z.strictObject({
  kraken: url("https://api.kraken.com/0/public/Ticker?pair=XBTUSD"),
  coinbase: url("https://api.exchange.coinbase.com/products/BTC-USD/ticker"),
  binance: url("https://api.binance.com/api/v3/ticker/24hr?symbol=BTCUSDT"),
});
type Exchange = keyof z.infer<typeof options>;

/** One exchange alone may be wrong, or dark. */
const LEAST_EXCHANGES = 2;
/** All the dollars there are would not buy the coins at this price. */
const MOST_USD = 1e9;

const PRICE: Readonly<Record<Exchange, (body: unknown) => unknown>> = {
  kraken(body) {
    const error = own(body, "error");
    if (Array.isArray(error) && error.length > 0) throw new SourceFailure("semantic", excerpt(error));
    const result = own(body, "result");
    const [entry] = isObject(result) ? Object.values(result) : [];
    const close = own(entry, "c");
    return Array.isArray(close) ? close[0] : undefined;
  },
  coinbase: (body) => own(body, "price"),
  binance: (body) => own(body, "lastPrice"),
};

export const tickers: WitnessType = {
  type: "tickers",
  summary: "the price of a bitcoin: median of Kraken, Coinbase and Binance",
  limits: "one request a second and more at each; asked once a minute at most",
  key: "none",
  defaults: {
    url: "https://api.kraken.com",
    minIntervalMs: 60_000,
    staleAfterMs: 300_000,
    timeoutMs: 10_000,
    dailyBudget: 9_000,
  },
  schema: options,
  create(config, deps) {
    const urls = options.parse(config.options);
    return readWitness(config, deps, {
      defaults: this.defaults,
      async read(reader) {
        const asked = (Object.keys(PRICE) as Exchange[]).map(async (exchange) => {
          const document = await reader.ask(urls[exchange], { conditional: false });
          const price = parseNumber(document === null ? null : PRICE[exchange](parseJson(document.text)));
          if (price === null || price <= 0 || price > MOST_USD)
            throw new SourceFailure("semantic", `${exchange} says no price`);
          return { exchange, price };
        });
        const settled = await Promise.allSettled(asked);
        const prices = settled.filter((each) => each.status === "fulfilled").map((each) => each.value);
        const usd = median(prices.map(({ price }) => price));
        if (usd === null || prices.length < LEAST_EXCHANGES) {
          const failed = settled.find((each) => each.status === "rejected")?.reason as unknown;
          if (failed instanceof SourceFailure) throw failed;
          throw new SourceFailure("semantic", `only ${prices.length} of ${settled.length} exchanges say a price`);
        }
        return [{ kind: "price", usd, of: prices.map(({ exchange }) => exchange), at: reader.now }];
      },
    });
  },
};
