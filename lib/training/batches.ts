/** Batches on their way into steps. */
import { areAlike } from './stacked.js';
import type { TrainingBatch } from './training.js';

/** So many batches at once; the last may be fewer. */
export async function* groupsOf(
  batches: Iterable<TrainingBatch> | AsyncIterable<TrainingBatch>,
  size: number,
): AsyncGenerator<readonly TrainingBatch[]> {
  let group: TrainingBatch[] = [];
  for await (const batch of batches) {
    group.push(batch);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** All but the first `count`. */
export async function* skipped<T>(all: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let at = 0;
  for await (const each of all) if (at++ >= count) yield each;
}

/** The only batches of groups of one, in runs of the same shapes; `most` says how many the next run is to have. */
export async function* runsOf(
  groups: AsyncIterable<readonly TrainingBatch[]>,
  most: (batch: TrainingBatch) => number,
): AsyncGenerator<readonly TrainingBatch[]> {
  let waiting: TrainingBatch[] = [];
  for await (const [batch] of groups) {
    if (!batch) continue;
    if (waiting[0] && !areAlike(waiting[0].feeds, batch.feeds)) {
      yield waiting;
      waiting = [];
    }
    waiting.push(batch);
    if (waiting.length < most(batch)) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
}
