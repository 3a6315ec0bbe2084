/** Long work in steps: a generator that yields where it may be stopped. */

/** Does all of it at once. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
