/** Blocks at one tick: taken in always, judged when due, and deciding alone where a network has nothing else. */
import type { BlockSample, Sample } from "../model/sample.ts";
import { followBlocks } from "./lifecycle/blocks.ts";
import type { TickContext } from "./lifecycle/context.ts";
import { regionAlerts } from "./lifecycle/region-list.ts";

/** A network whose pools have said no figure for this long is judged from its blocks. */
const FIGURES_GONE_MS = 86_400_000;

const SILENCE_LOOK_MS = 3_600_000;

/** True when no pool figure is there to judge from. */
export function blocksAlone(context: Pick<TickContext, "state" | "at">): boolean {
  return !context.state.gate.some((gate) => gate.acceptedAt > 0 && context.at - gate.acceptedAt <= FIGURES_GONE_MS);
}

export function takeBlocks(context: TickContext, rows: readonly Sample[], rejected: Record<string, number>): void {
  const { state, compiled, at } = context;
  if (!compiled.blocks || !state.blocks) return;
  const found = rows.filter((row): row is BlockSample => row.kind === "block");
  if (found.length === 0) return;
  const intake = compiled.blocks.observe(state.blocks, at, found);
  // A blind network is not judged: the first block after a silence must be enough to see again.
  if (intake.accepted > 0) state.blockFeed.silent = false;
  const counts = { "block-duplicate": intake.duplicates, "block-late": intake.late, "block-refused": intake.refused };
  for (const [reason, count] of Object.entries(counts))
    if (count > 0) rejected[reason] = (rejected[reason] ?? 0) + count;
}

/** Judges blocks when due: opens alerts in a network of blocks alone, and follows them to their end even when figures come back. */
export function judgeBlocks(context: TickContext): void {
  const { state, compiled, at } = context;
  const { blocks } = compiled;
  // Silence brings no block that would make it due, and must be noticed all the same.
  const alone = blocksAlone(context);
  const look = alone && state.blockFeed.warm && at % SILENCE_LOOK_MS === 0;
  if (!blocks || !state.blocks || !(look || blocks.due(state.blocks, at))) return;
  const evaluation = blocks.evaluate(state.blocks, at);
  state.blockFeed = {
    warm: evaluation.warm,
    warmAt: evaluation.warmAt ?? 0,
    silent: evaluation.feed === "silent",
  };
  const following = regionAlerts(state).some((alert) => alert.scale === "blocks");
  if (!evaluation.warm || !(alone || following)) return;
  const opinions = blocks.decide(state.blocks, evaluation);
  followBlocks(context, alone ? opinions : opinions.filter((opinion) => opinion.kind !== "open"));
  if (!alone) return;
  state.scores = Object.fromEntries(
    evaluation.regions.map((entry) => [entry.region, Number(Math.min(entry.score, entry.margin).toFixed(3))]),
  );
}
