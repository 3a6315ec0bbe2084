/** Checks a range of graphs in several children at once. */
import { type Graded, runBatch } from './batch.js';

export interface Range {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** Children at once. */
  readonly children: number;
  /** Graphs that one child checks. */
  readonly batch: number;
  /** No graph is begun after so many milliseconds; infinite unless told. */
  readonly milliseconds?: number;
}

/** Stretches of graphs that are still to do; shared by all children. */
class Queue {
  private readonly until: number;
  private next: number;

  constructor(private readonly range: Range) {
    this.next = range.from;
    this.until = performance.now() + (range.milliseconds ?? Number.POSITIVE_INFINITY);
  }

  take(): readonly [number, number] | undefined {
    const { to, batch } = this.range;
    if (this.next >= to || this.isLate) return undefined;
    const from = this.next;
    this.next = Math.min(to, from + batch);
    return [from, this.next];
  }

  get isLate(): boolean {
    return performance.now() > this.until;
  }
}

type Note = (graded: Graded) => Promise<void> | void;

/** One child after the other, until nothing is left. */
async function work(queue: Queue, seed: number, note: Note): Promise<void> {
  for (let range = queue.take(); range; range = queue.take()) {
    let [from] = range;
    while (from < range[1] && !queue.isLate) {
      for await (const graded of runBatch({ seed, from, to: range[1] })) {
        from = graded.index + 1;
        await note(graded);
        if (queue.isLate) break;
      }
    }
  }
}

/** Tells how each graph of a range fared, in no particular order. */
export async function checkRange(range: Range, note: Note): Promise<void> {
  const queue = new Queue(range);
  await Promise.all(Array.from({ length: range.children }, () => work(queue, range.seed, note)));
}
