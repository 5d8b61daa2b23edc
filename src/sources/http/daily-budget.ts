/** How many requests a source may make in any 24 hours of data time, redirects and second tries included. */
import { HOUR_MS } from "../../model/time-units.ts";

export class DailyBudget {
  readonly limit: number;
  /** Requests by hour: bounded memory, and a window that errs on the polite side by up to an hour. */
  private readonly hours = new Map<number, number>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether one more request is within the budget. */
  allows(now: number): boolean {
    const oldest = Math.floor(now / HOUR_MS) - 24;
    let spent = 0;
    for (const [hour, count] of this.hours) {
      if (hour < oldest) this.hours.delete(hour);
      else spent += count;
    }
    return spent < this.limit;
  }

  spend(now: number): void {
    const hour = Math.floor(now / HOUR_MS);
    this.hours.set(hour, (this.hours.get(hour) ?? 0) + 1);
  }
}
