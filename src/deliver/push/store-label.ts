/** Gives a label to the tick that is being gathered: the next decision learns from it. */
import type { LabelSample } from "../../model/label.ts";
import type { SampleStore } from "../../store/contract.ts";
import { storeRows } from "./store-rows.ts";

/** @param network its name and tick, as configured */
export async function storeLabel(
  samples: SampleStore,
  network: { readonly name: string; readonly intervalMs: number },
  label: Omit<LabelSample, "kind">,
): Promise<void> {
  await storeRows(samples, network, [{ kind: "label", ...label }]);
}
