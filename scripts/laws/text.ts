/** Attributes as the text of a node has them. */
import { type Open, rankOf } from './axes.js';
import type { Draft } from './draft.js';

export const list = (values: readonly number[]): string => `[${values.join(', ')}]`;

/** An axis as attributes name it, now and then from the end. */
export const named = (d: Draft, x: Open, axis: number): number => (d.chance(0.3) ? axis - rankOf(x) : axis);
