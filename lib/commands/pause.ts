/** A breath in long work on one thread, so that a wish to stop is heard. */
import { cancelled } from '../errors.js';

/** Lets what waits (a signal, a redraw) have its turn. Throws CANCELLED once `signal` is aborted. */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted) throw cancelled();
}

/** Does long work step by step and takes a breath after each; `onStep` is told how many are done. Throws CANCELLED. */
export async function inBreaths<T>(
  steps: Generator<void, T>,
  signal: AbortSignal | undefined,
  onStep: (done: number) => void = () => undefined,
): Promise<T> {
  for (let done = 1; ; done++) {
    const step = steps.next();
    if (step.done) return step.value;
    onStep(done);
    await pause(signal);
  }
}
