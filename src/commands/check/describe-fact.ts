/** What a witness said, in words. */
import type { Fact } from "../../model/fact.ts";
import { formatAge, formatDuration } from "../../model/format.ts";

/** `KZ BGP visibility at 0.42 of its median, 10 min old` */
export function describeFact(fact: Fact, now: number): string {
  switch (fact.kind) {
    case "connectivity":
      return `${fact.region} ${fact.signal} at ${fact.ratio.toFixed(2)} of its median, ${formatAge(now - fact.at)}`;
    case "outage": {
      const over = fact.to === undefined || fact.to > now ? "lasting" : `over for ${formatDuration(now - fact.to)}`;
      return `${fact.region} outage${fact.cause === null ? "" : ` (${fact.cause})`}, ${over}`;
    }
    case "grid": {
      const price = fact.usdPerMegawattHour === null ? "no price" : `${Math.round(fact.usdPerMegawattHour)} USD/MWh`;
      return `${fact.region} grid at emergency level ${fact.emergencyLevel ?? "unknown"}, ${price}`;
    }
    case "miners": {
      const usual = fact.ratio === null ? "what is usual is not known yet" : `${fact.ratio.toFixed(2)} of their median`;
      return `${fact.pool}: ${fact.count} miners on servers for ${fact.region}, ${usual}, ${formatAge(now - fact.at)}`;
    }
    case "price":
      return `${fact.usd} USD (${fact.of.join(", ")})`;
  }
}

/** Some of many, the oddest first: what is as always is no news. */
export function describeFacts(facts: readonly Fact[], now: number, most: number): string {
  const odd = (fact: Fact): number => (fact.kind === "connectivity" || fact.kind === "miners" ? (fact.ratio ?? 1) : 0);
  const shown = [...facts].sort((x, y) => odd(x) - odd(y)).slice(0, most);
  const more = facts.length - shown.length;
  const text = shown.map((fact) => describeFact(fact, now)).join("; ");
  return facts.length === 0 ? "nothing to report" : more > 0 ? `${text}; and ${more} more` : text;
}
