/** hashfall as a contestant: the detector that `start` and `replay` run, unchanged. */
import type { DetectorModel } from "../../src/detect/contract.ts";
import { createDetector } from "../../src/detect/detector.ts";
import type { Contestant, Statement } from "./statement.ts";

export function makeHashfall(model: DetectorModel): Contestant {
  const detector = createDetector(model);
  let state = detector.initial();
  return {
    name: "hashfall",
    tick(at, rows) {
      const done = detector.advance(state, { at, rows });
      state = done.state;
      return done.events
        .filter(({ scope }) => scope === "region")
        .map(
          (event): Statement => ({
            id: event.id,
            type: event.type,
            at: Date.parse(event.at),
            region: event.region,
            candidates: event.candidates ?? [],
          }),
        );
    },
  };
}
