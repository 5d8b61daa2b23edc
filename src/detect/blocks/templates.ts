/** Hypotheses, ready to be scored: what each leaves of every pool's rate, with the doubt about the weights. */
import { GRID } from "./likelihood.ts";
import type { Network } from "./network.ts";

/** Gauss-Hermite quadrature of a normal weight: exact for polynomials to degree 5. Nodes in standard deviations. */
const NODES = [-Math.sqrt(3), 0, Math.sqrt(3)] as const;
const NODE_WEIGHTS = [1 / 6, 2 / 3, 1 / 6] as const;
/** Grid points that one hypothesis reads of one pool: two around every node. */
export const TAPS = 2 * NODES.length;

/** One hypothesis at a time, row-major by slot: which grid points, with which weights, and whether it touches the slot. */
export interface Templates {
  readonly hypotheses: number;
  readonly slots: number;
  readonly touches: Uint8Array;
  readonly indices: Uint8Array;
  readonly weights: Float64Array;
}

/** Every region x drop, drops fastest. `doubt` 0 takes the weights as exact. */
export function regionTemplates(network: Network, drops: readonly number[], doubt: 0 | 1 = 1): Templates {
  const templates = blank(network.pools.length, network.regions.length * drops.length);
  network.regions.forEach((region, r) => {
    for (let slot = 0; slot < network.pools.length; slot++) {
      const share = network.share(slot, region);
      const sd = network.doubt(slot, region) * doubt;
      if (share <= 0) continue;
      drops.forEach((drop, d) => {
        setTaps(templates, slot, r * drops.length + d, (node) => 1 - (share + node * sd) * drop);
      });
    }
  });
  return templates;
}

/** A loss of every slot's own, be it one pool's or all pools'. */
export function lossTemplates(slots: number, losses: readonly number[]): Templates {
  const templates = blank(slots, losses.length);
  for (let slot = 0; slot < slots; slot++) {
    losses.forEach((loss, i) => {
      setTaps(templates, slot, i, () => 1 - loss);
    });
  }
  return templates;
}

function blank(slots: number, hypotheses: number): Templates {
  return {
    hypotheses,
    slots,
    touches: new Uint8Array(slots * hypotheses),
    indices: new Uint8Array(slots * hypotheses * TAPS),
    weights: new Float64Array(slots * hypotheses * TAPS),
  };
}

function setTaps(templates: Templates, slot: number, hypothesis: number, remains: (node: number) => number): void {
  const cell = slot * templates.hypotheses + hypothesis;
  templates.touches[cell] = 1;
  NODES.forEach((node, i) => {
    const position = Math.min(1, Math.max(0, remains(node))) * GRID;
    const below = Math.min(GRID - 1, Math.floor(position));
    const tap = cell * TAPS + 2 * i;
    templates.indices[tap] = below;
    templates.indices[tap + 1] = below + 1;
    templates.weights[tap] = NODE_WEIGHTS[i]! * (below + 1 - position);
    templates.weights[tap + 1] = NODE_WEIGHTS[i]! * (position - below);
  });
}
