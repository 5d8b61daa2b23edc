/** Who acknowledged an alert: every time, oldest first. */
import type { z } from "zod";
import type * as schemas from "../deliver/http/schemas.ts";
import { dayAndClock } from "./format.ts";

export type AckItem = z.infer<typeof schemas.Ack>;

/** Every acknowledgement of an alert, oldest first. */
export function acksOf({
  ack,
  acks,
}: {
  readonly ack?: AckItem | undefined;
  readonly acks?: readonly AckItem[] | undefined;
}): readonly AckItem[] {
  return acks ?? (ack === undefined ? [] : [ack]);
}

/** One line for each acknowledgement, oldest first. */
export function ackTexts(acks: readonly AckItem[]): string[] {
  return acks.map(({ by, note, at }) => `Acknowledged by ${by}, ${dayAndClock(at)}${note ? `: ${note}` : ""}`);
}
