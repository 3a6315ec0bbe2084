/** A breath in long work on one thread, so that a wish to stop is heard. */
import { cancelled } from '../errors.js';

/** Lets what waits (a signal, a redraw) have its turn. Throws CANCELLED once `signal` is aborted. */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted) throw cancelled();
}
