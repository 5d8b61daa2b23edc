/**
 * Quarantine: a figure that lies further from the row's last one than its own past makes possible is no evidence until it
 * stands, or until another pool's figure moves with it. One absurd figure, whatever its value, then costs that figure alone.
 */
import { DAY_MS, HOUR_MS } from "../../model/time-units.ts";

/** What a row's quarantine remembers: how far its figures usually move, how high they have been, and what is being held. */
export interface StepMemory {
  /** Usual size of a step between two figures, as a natural logarithm; 0 before the first. */
  step: number;
  /** How many steps it was learned from, at most `STEP_MEMORY`. */
  steps: number;
  /** The last step that was accepted, signed. */
  lastStep: number;
  /** The last accepted figure, H/s; 0 before the first. */
  lastGood: number;
  /** Highest level of the last days, H/s. */
  high: number;
  /** The newest figure that is held, H/s; 0 while none is. */
  held: number;
  /** How many figures in a row are held, and since when, ms. */
  heldCount: number;
  heldSince: number;
}

export function emptyStepMemory(): StepMemory {
  return { step: 0, steps: 0, lastStep: 0, lastGood: 0, high: 0, held: 0, heldCount: 0, heldSince: 0 };
}

/** A figure under this part of the row's last one counts as a fall to zero: it enters as this part of the row's level. */
export const ZERO_PART = 1e-3;

/** Steps of so many times the usual size are possible. Steps of figures are no normal variable: their tails are long. */
const POSSIBLE_TIMES = 8;
/** A step under this is always possible: more than the mean of an hour can lose in five minutes. */
const POSSIBLE_LEAST = 0.12;
const STEP_MEMORY = 500;
/** Until so many steps are known a row's usual step is presumed to be a large one. */
const STEPS_KNOWN = 24;
const STEP_PRESUMED = 0.05;
/** A step teaches at most so many times what is usual. */
const STEP_CLIP = 4;
/** Below this part of the row's level a fall is as good as one to zero: a fault of the page is as likely as the miners'. */
const NEAR_ZERO = 0.005;
/** A pool that others merge into doubles or triples; what is more than this times its highest level is no merger. */
const MERGER = 4;
/** A fall, a return and a merger must be said by so many figures in a row. */
const STANDING_FIGURES = 2;
/** A rise beyond any merger, and a fall to nothing that nobody else confirms, must stand for so long. */
const STRANGE_RISE_MS = 6 * HOUR_MS;
const NEAR_ZERO_MS = HOUR_MS;
/** Held figures say the same while they lie within this of each other, as a natural logarithm. */
const ALIKE = 0.5;
/** Another pool's figure agrees when it moved the same way by at least this part, and further than its usual step by far. */
const AGREES_PART = 0.5;
const AGREES_TIMES = 4;
const HIGH_MEMORY_MS = 7 * DAY_MS;

export type Standing = "normal" | "held" | "accepted" | "renewed";

function usualStep(memory: StepMemory): number {
  const known = Math.min(1, memory.steps / STEPS_KNOWN);
  return known * memory.step + (1 - known) * Math.max(memory.step, STEP_PRESUMED);
}

/** The largest step that the row's own past makes possible, as a natural logarithm. `pauses`: usual pauses since its last figure. */
export function possibleStep(memory: StepMemory, step: number, pauses = 1): number {
  const goesOn = memory.lastStep * step > 0 ? 2 * Math.abs(memory.lastStep) : 0;
  return Math.max(POSSIBLE_LEAST, POSSIBLE_TIMES * usualStep(memory), goesOn) * Math.min(12, Math.max(1, pauses));
}

/** Step of a figure (above 0) from the row's last accepted one, as a natural logarithm; 0 before the first. */
export function stepOf(memory: StepMemory, figure: number): number {
  return memory.lastGood === 0 ? 0 : Math.log(figure / memory.lastGood);
}

/** Whether a row's step speaks for another row's of the given size. */
export function agrees(memory: StepMemory, own: number, other: number): boolean {
  return own * other > 0 && Math.abs(own) >= Math.max(AGREES_PART * Math.abs(other), AGREES_TIMES * usualStep(memory));
}

/** What the rest of the tick says of a figure. Times in ms. */
export interface StepContext {
  readonly at: number;
  /** How long the row had been known when it was last believed. */
  readonly knownMs: number;
  /** Usual pauses since its last figure. */
  readonly pauses: number;
  /** Whether another pool's figure moves alike. */
  readonly agreed: boolean;
  /** Whether what else its own pool says makes a fall to nothing possible: other regions live on, or the total fell too. */
  readonly mayVanish: boolean;
}

/** How long a held figure must stand, ms. */
function patienceFor(memory: StepMemory, figure: number, level: number, mayVanish: boolean): number {
  if (figure > MERGER * Math.max(memory.high, level)) return STRANGE_RISE_MS;
  return figure < NEAR_ZERO * level && !mayVanish ? NEAR_ZERO_MS : 0;
}

/**
 * Classifies a figure's step, and remembers in place the figure that is held.
 *
 * @param figure H/s, above 0 and finite
 * @param level the row's robust level, H/s
 */
export function classifyStep(memory: StepMemory, figure: number, level: number, now: StepContext): Standing {
  const step = stepOf(memory, figure);
  if (memory.lastGood === 0 || Math.abs(step) <= possibleStep(memory, step, now.pauses)) return "normal";
  const sameSide = memory.held > 0 && (memory.held - memory.lastGood) * step > 0;
  const vanished = step < 0 && Math.max(figure, memory.held) < NEAR_ZERO * level;
  const together = sameSide ? Math.log(figure / memory.held) : 0;
  if (!sameSide || !(vanished || Math.abs(together) <= Math.max(ALIKE, possibleStep(memory, together)))) {
    memory.heldCount = 0;
    memory.heldSince = now.at;
  }
  memory.held = figure;
  memory.heldCount += 1;
  const patience = patienceFor(memory, figure, level, now.mayVanish);
  if (now.agreed && patience === 0) return "accepted";
  const stood = now.at - memory.heldSince >= Math.min(patience, now.knownMs);
  if (memory.heldCount < STANDING_FIGURES || !stood) return "held";
  return patience === STRANGE_RISE_MS ? "renewed" : "accepted";
}

/** Learns from a figure that was taken, in place. `pauses`: usual pauses since the last one. */
export function learnStep(memory: StepMemory, figure: number, level: number, sinceMs: number, pauses: number): void {
  if (memory.lastGood > 0 && figure !== memory.lastGood) {
    const step = Math.log(figure / memory.lastGood);
    const size = Math.min(
      Math.abs(step) / Math.sqrt(Math.max(1, pauses)),
      STEP_CLIP * Math.max(usualStep(memory), 1e-4),
    );
    memory.steps = Math.min(STEP_MEMORY, memory.steps + 1);
    memory.step += (size - memory.step) / memory.steps;
    memory.lastStep = step;
  }
  memory.lastGood = figure;
  memory.high = Math.max(level, memory.high * Math.exp(-Math.max(0, sinceMs) / HIGH_MEMORY_MS));
  memory.held = 0;
  memory.heldCount = 0;
  memory.heldSince = 0;
}
