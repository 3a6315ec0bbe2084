/** Ctrl-C: the first asks a command to stop and to clean up, the second ends the process at once. */

/** Exit code of a process that was stopped, as shells count SIGINT. */
const STOPPED = 130;

/** Runs `work` with a signal that aborts when the user wants to stop. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(STOPPED);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
