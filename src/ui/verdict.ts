/** Whether an alert was right, as a person says it: what weights are learned from. */
import type { AckVerdict } from "../model/ack.ts";
import type { DeliveredAlert } from "../model/alert.ts";
import { h } from "./dom.ts";
import { choice, field } from "./form.ts";

const VERDICTS: readonly (readonly [AckVerdict | "", string])[] = [
  ["", "not said"],
  ["right", "it named the right region"],
  ["wrong", "nothing fell"],
  ["other", "another region fell"],
  ["none", "take back my verdict"],
];

export interface VerdictFields {
  readonly fields: readonly HTMLElement[];
  /** What is sent; throws where a region is missing. */
  verdict(): { verdict?: AckVerdict; region?: string };
}

/** A choice, and the region that fell instead: only for regional alerts are there any. */
export function verdictFields(alert: () => DeliveredAlert): VerdictFields {
  if (alert().scope !== "region") return { fields: [], verdict: () => ({}) };
  const said = choice(VERDICTS);
  const region = h("input", { type: "text", maxlength: 16, placeholder: "like KZ", autocapitalize: "characters" });
  const where = field("Region", region);
  where.hidden = true;
  said.addEventListener("change", () => {
    where.hidden = said.value !== "other";
    if (!where.hidden) region.focus();
  });
  return {
    fields: [field("Was it right?", said), where],
    verdict: () => {
      const verdict = said.value as AckVerdict | "";
      if (verdict === "") return {};
      if (verdict !== "other") return { verdict };
      const code = region.value.trim().toUpperCase();
      if (code === "") throw new Error("Which region fell? A code like KZ or US-TX.");
      return { verdict, region: code };
    },
  };
}
