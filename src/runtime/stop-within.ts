/** Stopping has a deadline: a supervisor that waits ten seconds must never have to kill. */

/** What a supervisor grants by default is 10 s (Docker) or 30 s (Kubernetes); the exit itself takes a moment too. */
export const STOP_WITHIN_MS = 9_500;

/** Whether `stop` ended within the time. Its timer does not keep the process. */
export async function stopWithin(stop: () => Promise<void>, limitMs = STOP_WITHIN_MS): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  try {
    return await Promise.race([stop().then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
