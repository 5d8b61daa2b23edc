/** Hypotheses, ready to be scored: what each leaves of every pool's rate, with the doubt about the weights. */
import { GRID } from "./likelihood.ts";
import type { Network } from "./network.ts";

/** Gauss-Hermite quadrature of a normal weight: exact for polynomials to degree 5. Nodes in standard deviations. */
const NODES = [-Math.sqrt(3), 0, Math.sqrt(3)] as const;
const NODE_WEIGHTS = [1 / 6, 2 / 3, 1 / 6] as const;
/** Which grid points every hypothesis reads of every slot, and with which weights: none where it does not touch it. */
export interface Templates {
  readonly hypotheses: number;
  readonly slots: number;
  /** Where the points of (slot, hypothesis) begin, hypotheses fastest; one more at the end. */
  readonly starts: Uint32Array;
  readonly indices: Uint8Array;
  readonly weights: Float64Array;
}

/** Every region x drop, drops fastest. `doubt` 0 takes the weights as exact. */
export function regionTemplates(network: Network, drops: readonly number[], doubt: 0 | 1 = 1): Templates {
  return build(network.pools.length, network.regions.length * drops.length, (slot, hypothesis) => {
    const region = network.regions[Math.floor(hypothesis / drops.length)]!;
    const drop = drops[hypothesis % drops.length]!;
    const share = network.share(slot, region);
    const sd = network.doubt(slot, region) * doubt;
    return share > 0 ? NODES.map((node) => 1 - (share + node * sd) * drop) : [];
  });
}

/** A loss of every slot's own, be it one pool's or all pools'. */
export function lossTemplates(slots: number, losses: readonly number[]): Templates {
  return build(slots, losses.length, (_slot, hypothesis) => NODES.map(() => 1 - losses[hypothesis]!));
}

/** `remains` gives what is left at every node, or nothing. Nodes of one grid cell share its two points. */
function build(
  slots: number,
  hypotheses: number,
  remains: (slot: number, hypothesis: number) => readonly number[],
): Templates {
  const starts = new Uint32Array(slots * hypotheses + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  for (let cell = 0; cell < slots * hypotheses; cell++) {
    const points = new Map<number, number>();
    remains(Math.floor(cell / hypotheses), cell % hypotheses).forEach((remain, node) => {
      const position = Math.min(1, Math.max(0, remain)) * GRID;
      const below = Math.min(GRID - 1, Math.floor(position));
      const add = (point: number, part: number): void => {
        if (part > 0) points.set(point, (points.get(point) ?? 0) + NODE_WEIGHTS[node]! * part);
      };
      add(below, below + 1 - position);
      add(below + 1, position - below);
    });
    for (const [point, weight] of points) {
      indices.push(point);
      weights.push(weight);
    }
    starts[cell + 1] = indices.length;
  }
  return { hypotheses, slots, starts, indices: Uint8Array.from(indices), weights: Float64Array.from(weights) };
}
