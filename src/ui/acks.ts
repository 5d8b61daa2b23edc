/** Who acknowledged an alert: every time, oldest first. */
import type { z } from "zod";
import type * as schemas from "../deliver/http/schemas.ts";
import type { AckVerdict } from "../model/ack.ts";
import { dayAndClock } from "./format.ts";

const VERDICT_WORDS: Readonly<Record<AckVerdict, string>> = {
  right: "right",
  wrong: "nothing fell",
  other: "another region fell",
  none: "verdict taken back",
};

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
  return acks.map(({ by, note, at, verdict, region }) => {
    const said =
      verdict === undefined ? "" : ` (${VERDICT_WORDS[verdict]}${region === undefined ? "" : `: ${region}`})`;
    return `Acknowledged by ${by}, ${dayAndClock(at)}${said}${note ? `: ${note}` : ""}`;
  });
}
