/** Waits for the signal to stop; a second one forces the end. */

/** Resolves at the first SIGINT or SIGTERM. From then on another one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const first = (signal: NodeJS.Signals): void => {
      process.off("SIGINT", first).off("SIGTERM", first);
      const force = (again: NodeJS.Signals): void => process.exit(again === "SIGINT" ? 130 : 143);
      process.on("SIGINT", force).on("SIGTERM", force);
      resolve(signal);
    };
    process.on("SIGINT", first).on("SIGTERM", first);
  });
}
