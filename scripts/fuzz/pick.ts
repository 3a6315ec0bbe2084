/** Choices by chance. */
import type { Random } from '../../lib/ir/random.js';

/** An integer from 0 to `count` - 1. */
export const below = (random: Random, count: number): number => Math.floor(random() * count);

/** One of the items; throws where there is none. */
export function pick<T>(random: Random, items: readonly T[]): T {
  if (items.length === 0) throw new Error('nothing to pick from');
  return items[below(random, items.length)] as T;
}

/** A stretch of `length` bytes: [start, end), mostly short. */
export function span(random: Random, length: number): readonly [number, number] {
  const start = below(random, length + 1);
  const longest = random() < 0.8 ? 16 : length;
  return [start, Math.min(length, start + below(random, longest + 1))];
}
