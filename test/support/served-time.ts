/**
 * Time as this process was given it. A machine that is busy elsewhere gives a test too little processor, and a limit in
 * wall-clock time then fails although nothing is wrong: here such a pause counts as one step.
 */
import { setInterval } from "node:timers";

const STEP_MS = 10;

/** Milliseconds that the work took, and its result. An interval of Node's never catches up steps that it missed. */
export async function servedTime<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  let steps = 0;
  const timer = setInterval(() => {
    steps += 1;
  }, STEP_MS);
  try {
    const result = await work();
    return { ms: steps * STEP_MS, result };
  } finally {
    clearInterval(timer);
  }
}
